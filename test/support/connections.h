// Connections and results that end with the scope.
#pragma once
#include <cstdint>
#include <string>

#include "taos.h"

namespace opentaos::test {

class TestConnection {
 public:
  explicit TestConnection(uint16_t port, const char *db = "d")
      : taos(taos_connect("127.0.0.1", "root", "x", db, port)) {}
  ~TestConnection() { close(); }
  TestConnection(const TestConnection &) = delete;
  TestConnection &operator=(const TestConnection &) = delete;
  void close() {
    taos_close(taos);
    taos = nullptr;
  }
  operator TAOS *() const { return taos; }
  TAOS *taos;
};

// The outcome of a call, whose result is freed at once.
struct Outcome {
  explicit Outcome(TAOS_RES *res)
      : is_null(!res),
        code(static_cast<uint32_t>(taos_errno(res))),
        text(taos_errstr(res)),
        affected(code ? -1 : taos_affected_rows(res)) {
    taos_free_result(res);
  }
  bool is_null;
  uint32_t code;
  std::string text;
  int affected;
};

inline uint32_t last_code() { return static_cast<uint32_t>(taos_errno(nullptr)); }
inline std::string last_text() { return taos_errstr(nullptr); }

}  // namespace opentaos::test
