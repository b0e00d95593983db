/* Compile-time assertions on layouts, for C99, C11, C++98 and C++20 alike. */
#ifndef OPENTAOS_TEST_LAYOUT_H
#define OPENTAOS_TEST_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define LAYOUT_JOIN2(a, b) a##b
#define LAYOUT_JOIN(a, b) LAYOUT_JOIN2(a, b)

/* The condition has to hold. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define LAYOUT_CHECK(what) static_assert(what, #what)
#elif !defined(__cplusplus) && defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define LAYOUT_CHECK(what) _Static_assert(what, #what)
#else
#define LAYOUT_CHECK(what) extern char LAYOUT_JOIN(layout_check_, __LINE__)[(what) ? 1 : -1]
#endif

/* Alignment and exact type of something. C99 cannot ask for a type. */
#ifdef __cplusplus
template <typename T>
struct LayoutAlign {
  char first;
  T second;
};
template <typename T>
struct LayoutIs {
  static char (&test(T *))[1];
  static char (&test(...))[2];
};
#define LAYOUT_ALIGN(type) offsetof(LayoutAlign<type>, second)
#define LAYOUT_IS(expression, type) (sizeof(LayoutIs<type>::test(&(expression))) == 1)
#else
#define LAYOUT_ALIGN(type) \
  offsetof(                \
      struct {             \
        char first;        \
        type second;       \
      },                   \
      second)
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define LAYOUT_IS(expression, type) _Generic(&(expression), type * : 1, default : 0)
#else
#define LAYOUT_IS(expression, type) 1
#endif
#endif

#define LAYOUT_STRUCT(type, size, align) LAYOUT_CHECK(sizeof(type) == (size) && LAYOUT_ALIGN(type) == (align))
#define LAYOUT_MEMBER(type, member, member_type, offset)                          \
  LAYOUT_CHECK(offsetof(type, member) == (offset) &&                              \
               sizeof(((type *)0)->member) == sizeof(member_type) && /* NOLINT */ \
               LAYOUT_IS(((type *)0)->member, member_type))          /* NOLINT */
#define LAYOUT_VALUE(name, value) LAYOUT_CHECK((name) == (value))
#define LAYOUT_ENUM(type) LAYOUT_CHECK(sizeof(type) == 4)

/* Types of members that have no name of their own. */
typedef char LayoutName[65];
typedef void *LayoutPointer;
typedef const void *LayoutConstPointer;
typedef char *LayoutText;
typedef const char *LayoutConstText;
typedef char **LayoutTexts;
typedef int32_t *LayoutLengths;
typedef const int32_t *LayoutConstLengths;
typedef const char *LayoutOptions[256];

#endif
