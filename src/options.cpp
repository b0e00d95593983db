// Options of the process and of a connection.
#include "taos.h"

#include <cstring>

#include "base/encoding.h"
#include "base/error_text.h"
#include "base/process_options.h"
#include "edge.h"

using namespace opentaos;
using namespace opentaos::edge;

namespace {

constexpr int32_t kErrRepeatInit = base::full_code(0x0123);
constexpr int32_t kErrInvalidPointer = base::full_code(0x0117);
constexpr int32_t kErrInvalidArgument = static_cast<int32_t>(0x80ff0016);

// The number that a C program passed; it need not be one of the enumeration's.
template <typename Enum>
int number_of(const Enum &value) {
  static_assert(sizeof(Enum) == sizeof(int));
  int number;
  std::memcpy(&number, &value, sizeof number);
  return number;
}

int32_t report_known(int32_t code) { return report(code, base::error_text(code)); }

// The character set never reaches the server: what a program sends and gets is UTF-8.
int set_charset(const char *name) {
  if (!name || base::is_utf8_charset(name)) return report(Status::ok());
  if (!*name) return report_known(kErrInvalidPointer);
  if (!base::is_known_charset(name)) return report_known(kErrInvalidArgument);
  return report(base::kErrNotSupported,
                "SQL and results are UTF-8; convert where your program uses " + base::presentable(name, 64));
}

}  // namespace

extern "C" {

int taos_options(TSDB_OPTION option, const void *arg, ...) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    const int number = number_of(option);
    const Status s = base::ProcessOptions::instance().set(number, static_cast<const char *>(arg));
    // Natively a missing argument is told by the return value alone.
    if (!arg) return s.code();
    if (s.code() == -1)
      base::set_last_error(number == TSDB_OPTION_DRIVER ? kErrRepeatInit : base::kErrInvalidPara, s.message());
    else
      report(s);
    return s.code();
  });
}

int taos_options_connection(TAOS *taos, TSDB_OPTION_CONNECTION option, const void *arg, ...) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    const int number = number_of(option);
    if (!connection || number < TSDB_OPTION_CONNECTION_CLEAR || number >= TSDB_MAX_OPTIONS_CONNECTION)
      return invalid_para();
    const auto *value = static_cast<const char *>(arg);
    if (number == TSDB_OPTION_CONNECTION_CHARSET) return set_charset(value);
    return report(connection->set_option(number, number == TSDB_OPTION_CONNECTION_CLEAR ? nullptr : value));
  });
}

int taos_set_conn_mode(TAOS *taos, int mode, int value) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection || mode != TAOS_CONN_MODE_BI) return invalid_para();
    return report(connection->set_bi_mode(value != 0));
  });
}

setConfRet taos_set_config(const char *) {
  setConfRet done;
  std::memset(&done, 0, sizeof done);
  done.retCode = SET_CONF_RET_SUCC;
  return done;
}

}  // extern "C"
