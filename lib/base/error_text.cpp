#include "base/error_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace opentaos::base {
namespace {

struct Entry {
  uint16_t code;
  std::string_view text;
};

// Sorted by code. Where native libtaos has been seen to give a code its text, it is that text; a server usually says
// more.
constexpr Entry kTable[] = {
    // transport
    {0x000B, "Unable to establish connection"},
    {0x0013, "Clocks of client and server are not in sync"},
    {0x0015, "Unable to resolve FQDN"},
    {0x0018, "Conn is broken"},
    {0x0019, "Conn read timeout"},
    {0x0020, "Some vnode/qnode/mnode(s) out of service"},
    {0x0021, "Some vnode/qnode/mnode(s) conn is broken"},
    {0x0022, "Too many rpc sessions"},
    {0x0023, "Network error"},
    {0x0024, "Network is busy"},
    // common
    {0x0100, "Operation not supported"},
    {0x0102, "Out of memory"},
    {0x010A, "Reference is invalid"},
    {0x010B, "Driver library is not loaded"},
    {0x010C, "Driver library lacks a function"},
    {0x0115, "Invalid message"},
    {0x0117, "Invalid pointer"},
    {0x0118, "Invalid parameters"},
    {0x0119, "Invalid configuration"},
    {0x0122, "Config not found"},
    {0x0123, "Repeat initialization"},
    {0x0127, "Invalid timestamp format"},
    {0x0133, "Invalid configuration value"},
    {0x0134, "Address is not in the white list"},
    {0x013D, "Decimal value overflow"},
    // client
    {0x0200, "Invalid operation"},
    {0x0203, "Invalid value in client"},
    {0x0207, "Invalid user name"},
    {0x0208, "Invalid password length"},
    {0x0209, "Database name too long"},
    {0x020A, "Table name too long"},
    {0x020B, "Invalid connection"},
    {0x0213, "Disconnected from service"},
    {0x0215, "Connection killed"},
    {0x0216, "Syntax error in SQL"},
    {0x0217, "Database not specified"},
    {0x0219, "SQL statement too long"},
    {0x021B, "Syntax error in line"},
    {0x021F, "Invalid column name"},
    {0x0221, "Invalid JSON format"},
    {0x0229, "Invalid client input"},
    {0x022A, "Stmt API usage error"},
    {0x022B, "Stmt table name not set properly"},
    {0x022C, "Stmt clause not supported"},
    {0x022D, "Query killed"},
    {0x0236, "bind number out of range or not match"},
    {0x02FF, "Internal client error"},
    // management
    {0x0300, "Request rejected"},
    {0x0303, "Insufficient privilege for operation"},
    {0x030C, "Invalid query id"},
    {0x0315, "User is disabled"},
    {0x032C, "Object is creating"},
    {0x0334, "Out of dnodes"},
    {0x0350, "User already exists"},
    {0x0351, "Invalid user"},
    {0x0352, "Invalid user format"},
    {0x0353, "Invalid password format"},
    {0x0357, "Authentication failure"},
    {0x0360, "STable already exists"},
    {0x0362, "STable not exist"},
    {0x0374, "Func not exists"},
    {0x0380, "Database not specified or available"},
    {0x0381, "Database already exists"},
    {0x0386, "Database is being dropped"},
    {0x0388, "Database not exist"},
    {0x03E0, "Topic already exists"},
    {0x03E1, "Topic not exist"},
    {0x03E2, "Too many topics"},
    {0x03E3, "Invalid topic"},
    {0x03E4, "Topic with invalid query"},
    {0x03E5, "Topic with invalid option"},
    {0x03E6, "Consumer not exist"},
    {0x03E8, "Subscribe not exist"},
    {0x03EA, "Consumer not ready"},
    {0x03EB, "Topic subscribed cannot be dropped"},
    {0x03EC, "Consumer group being used by some consumer"},
    {0x03EF, "Consumer is rebalancing"},
    // storage and executor
    {0x0603, "Table already exists"},
    {0x060B, "Timestamp data out of range"},
    {0x0618, "Table not exists"},
    {0x0707, "Query not ready"},
    {0x070F, "invalid input"},
    // scheduler
    {0x2507, "No valid epSet for data source node"},
    // parser
    {0x2600, "syntax error"},
    {0x2601, "Incomplete SQL statement"},
    {0x2602, "Invalid column name"},
    {0x2603, "Table does not exist"},
    {0x2605, "Wrong value type"},
    {0x260C, "Not a single-group group function"},
    {0x260D, "Tags number not matched"},
    {0x2611, "Password too short or empty"},
    {0x2616, "Database not specified"},
    {0x2617, "Invalid identifier name"},
    {0x2619, "Invalid option"},
    {0x263C, "Duplicated column names"},
    {0x263F, "Illegal number of columns"},
    {0x2640, "Illegal number of columns"},
    {0x2641, "First column must be timestamp"},
    {0x2642, "Invalid column length for var length type"},
    {0x2644, "Permission denied or target object not exist"},
    {0x264F,
     "Some functions are allowed only in the SELECT list of a query. And, cannot be mixed with other non scalar "
     "functions or columns."},
    {0x2651, "No columns can be dropped"},
    {0x2653, "Value too long for column/tag"},
    {0x2662, "Fail to get table info"},
    {0x2667, "Invalid usage of expr"},
    {0x266A, "Invalid varbinary value"},
    {0x267B, "Primary key column should not be null"},
    {0x2802, "Invalid parameter data type"},
    // schemaless and scalar
    {0x3000, "Invalid line protocol type"},
    {0x3001, "Invalid timestamp precision type"},
    {0x3002, "Invalid data format"},
    {0x3003, "Invalid database configuration for schemaless"},
    {0x3004, "Not the same type as before"},
    {0x3005, "Internal error of schemaless"},
    {0x3006, "Primary key not allowed in schemaless"},
    {0x3250, "Cannot convert to specific type"},
    // subscriptions
    {0x4000, "Invalid message"},
    {0x4001, "Consumer mismatch"},
    {0x4002, "Consumer closed"},
    {0x4003, "Consumer error, to see log"},
    {0x4004, "Topic num out of range"},
    {0x4005, "Group num out of range 100"},
    {0x4006, "Can not operate in snapshot mode"},
    {0x4007, "Offset out of range"},
    {0x4008, "VgId does not belong to this consumer"},
    {0x4009, "Topic does not belong to this consumer"},
    {0x4010, "Assignment or poll interface need to call first"},
    {0x4011, "No committed info"},
    {0x4012, "Same committed value"},
    {0x4013, "Replay need only one vgroup"},
    {0x4014, "Replay is disabled if subscribe db or stable"},
    {0x4015, "No table qualified for query"},
    {0x4016, "No need rebalance"},
    {0x4017, "Invalid status, please subscribe topic first"},
    {0x4018, "Invalid data"},
    {0x4019, "Raw data must be split"},
    // blobs
    {0x6301, "Operation not supported for blob"},
    {0x6306, "only one blob column allowed"},
    // the WebSocket libraries'
    {0xE000, "Invalid data source name"},
    {0xE001, "WebSocket error"},
    {0xE002, "WebSocket connection is closed"},
    {0xE003, "Send timeout"},
    {0xE004, "Receive timeout"},
    {0xE005, "I/O error"},
    {0xE006, "Unauthorized"},
    {0xE007, "Response cannot be decoded"},
    {0xE008, "WebSocket disconnected"},
    {0xE009, "TLS error"},
    // ours
    {0xE020, "Outcome unknown: the request was sent, but the connection was lost before the answer"},
    {0xE021, "The handle belongs to the parent process"},
    {0xE022, "Cancelled"},
    {0xE100, "Object is null"},
    {0xE101, "Topic cannot be appended to the list"},
};

constexpr bool is_sorted() {
  for (size_t i = 1; i < std::size(kTable); i++) {
    if (kTable[i - 1].code >= kTable[i].code) return false;
  }
  return true;
}
static_assert(is_sorted());

// An errno in the low 16 bits.
std::string_view system_text(uint16_t error) {
  const char *known = ::strerrordesc_np(error);
  if (known) return known;
  constexpr std::string_view kUnknown = "Unknown error ";
  thread_local std::array<char, 32> buffer;
  std::memcpy(buffer.data(), kUnknown.data(), kUnknown.size());
  char *digits = buffer.data() + kUnknown.size();
  char *end = std::to_chars(digits, buffer.data() + buffer.size() - 1, error).ptr;
  *end = '\0';
  return {buffer.data(), static_cast<size_t>(end - buffer.data())};
}

}  // namespace

std::string_view error_text(int32_t code) {
  if (code == 0) return "success";
  if (code == -1) return "fail";
  auto bits = static_cast<uint32_t>(code);
  auto low = static_cast<uint16_t>(bits);
  if ((bits & 0x00ff0000u) == 0x00ff0000u) return system_text(low);
  if (bits >> 16 != 0x8000u) return "";
  const Entry *found = std::lower_bound(std::begin(kTable), std::end(kTable), low,
                                        [](const Entry &e, uint16_t wanted) { return e.code < wanted; });
  return found != std::end(kTable) && found->code == low ? found->text : std::string_view("");
}

}  // namespace opentaos::base
