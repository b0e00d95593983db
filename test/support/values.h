// Values of a row stand where they were received, at any address: reading them through a pointer to their type is
// undefined.
#pragma once
#include <cstdint>
#include <cstring>

namespace opentaos::test {

inline int32_t int_at(const void *value) {
  int32_t v;
  memcpy(&v, value, sizeof v);
  return v;
}

}  // namespace opentaos::test
