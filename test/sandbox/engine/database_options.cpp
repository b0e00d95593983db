#include "engine/database_options.h"

#include <cstdlib>
#include <vector>

#include "engine/errors.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

enum class Form { kNumber, kText, kKeep, kDuration };

struct Option {
  const char *name;
  Form form;
  const char *initial;
  int64_t least, most;
  const char *texts;  // allowed texts, separated by spaces
  bool alterable;
};

// In the order SHOW CREATE DATABASE prints them.
constexpr Option kOptions[] = {
    {"buffer", Form::kNumber, "256", 3, 16384, "", true},
    {"cachesize", Form::kNumber, "1", 1, 65536, "", true},
    {"cachemodel", Form::kText, "none", 0, 0, "none last_row last_value both", true},
    {"comp", Form::kNumber, "2", 0, 2, "", false},
    {"duration", Form::kDuration, "10d", 60, 3650 * 1440, "", false},
    {"wal_fsync_period", Form::kNumber, "3000", 0, 180000, "", true},
    {"maxrows", Form::kNumber, "4096", 10, 1000000, "", false},
    {"minrows", Form::kNumber, "100", 10, 1000000, "", true},
    {"stt_trigger", Form::kNumber, "2", 1, 16, "", true},
    {"keep", Form::kKeep, "3650d,3650d,3650d", 1440, 365000LL * 1440, "", true},
    {"pages", Form::kNumber, "256", 64, 2147483647, "", true},
    {"pagesize", Form::kNumber, "4", 1, 16384, "", false},
    {"precision", Form::kText, "ms", 0, 0, "ms us ns", false},
    {"replica", Form::kNumber, "1", 1, 3, "", true},
    {"wal_level", Form::kNumber, "1", 0, 2, "", true},
    {"vgroups", Form::kNumber, "2", 1, 1024, "", false},
    {"single_stable", Form::kNumber, "0", 0, 1, "", false},
    {"table_prefix", Form::kNumber, "0", -191, 191, "", false},
    {"table_suffix", Form::kNumber, "0", -191, 191, "", false},
    {"tsdb_pagesize", Form::kNumber, "4", 1, 16384, "", false},
    {"wal_retention_period", Form::kNumber, "3600", -1, 2147483647, "", true},
    {"wal_retention_size", Form::kNumber, "0", -1, 2147483647, "", true},
    {"wal_roll_period", Form::kNumber, "0", 0, 2147483647, "", true},
    {"wal_segment_size", Form::kNumber, "0", 0, 2147483647, "", true},
    {"keep_time_offset", Form::kNumber, "0", 0, 23, "", true},
    {"encrypt_algorithm", Form::kText, "none", 0, 0, "none", false},
};

const Option *find(const std::string &name) {
  for (const auto &o : kOptions)
    if (name == o.name) return &o;
  return nullptr;
}

// "10", "10d", "12h", "600m" in minutes; a bare number is days. -1 when it is none of these.
int64_t minutes(const std::string &text) {
  char *end = nullptr;
  int64_t n = std::strtoll(text.c_str(), &end, 10);
  if (n < 0 || n > 1000000000) return -1;
  std::string unit(end);
  if (unit.empty() || unit == "d") return n * 1440;
  if (unit == "h") return n * 60;
  if (unit == "m") return n;
  return -1;
}

std::string minutes_text(int64_t m) {
  if (m % 1440 == 0) return std::to_string(m / 1440) + "d";
  if (m % 60 == 0) return std::to_string(m / 60) + "h";
  return std::to_string(m) + "m";
}

[[noreturn]] void out_of_range(const Option &o, const std::string &value, int64_t least, int64_t most,
                               const char *unit) {
  fail(kErrInvalidOption, std::string("Invalid option ") + o.name + ": " + value + ", valid range: [" +
                              std::to_string(least) + unit + ", " + std::to_string(most) + unit + "]");
}

std::vector<std::string> split(const std::string &text, char by) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == by) {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

std::string checked_keep(const Option &o, const std::string &value) {
  auto parts = split(value, ',');
  if (parts.size() > 3) fail(kErrInvalidOption, "Invalid number of keep options");
  while (parts.size() < 3) parts.push_back(parts.back());
  std::string out;
  int64_t before = 0;
  for (auto &p : parts) {
    int64_t m = minutes(p);
    if (m < o.least || m > o.most) out_of_range(o, p, o.least, o.most, "m");
    if (m < before) fail(kErrInvalidOption, "Invalid keep value, should be keep0 <= keep1 <= keep2");
    before = m;
    out += (out.empty() ? "" : ",") + minutes_text(m);
  }
  return out;
}

}  // namespace

DatabaseOptions default_database_options() {
  DatabaseOptions options;
  for (const auto &o : kOptions) options[o.name] = o.initial;
  return options;
}

void set_database_option(DatabaseOptions *options, const std::string &name, const std::string &value, bool alter) {
  const Option *o = find(name);
  if (!o || (alter && !o->alterable)) unsupported("changing the option " + to_upper(name));
  std::string kept = value;
  switch (o->form) {
    case Form::kNumber: {
      char *end = nullptr;
      int64_t n = std::strtoll(value.c_str(), &end, 10);
      if (*end != '\0') fail(kErrInvalidOption, "Invalid option " + name + ": " + value);
      if (n < o->least || n > o->most) out_of_range(*o, value, o->least, o->most, "");
      if (name == "replica" && n > 1) fail(kErrOutOfDnodes, "Out of dnodes");
      kept = std::to_string(n);
      break;
    }
    case Form::kText: {
      kept = to_lower(value);
      bool known = false;
      for (const auto &t : split(o->texts, ' ')) known = known || kept == t;
      if (!known) fail(kErrInvalidOption, "Invalid option " + name + ": " + value);
      break;
    }
    case Form::kKeep: kept = checked_keep(*o, value); break;
    case Form::kDuration: {
      int64_t m = minutes(value);
      if (m < o->least || m > o->most) out_of_range(*o, value, o->least, o->most, "m");
      kept = minutes_text(m);
      break;
    }
  }
  (*options)[name] = kept;
}

int option_precision(const DatabaseOptions &options) {
  auto it = options.find("precision");
  if (it == options.end() || it->second == "ms") return 0;
  return it->second == "us" ? 1 : 2;
}

int64_t option_number(const DatabaseOptions &options, const std::string &name) {
  auto it = options.find(name);
  return it == options.end() ? 0 : std::strtoll(it->second.c_str(), nullptr, 10);
}

int64_t option_keep_ms(const DatabaseOptions &options) {
  auto it = options.find("keep");
  if (it == options.end()) return INT64_MAX;
  return minutes(split(it->second, ',').back()) * 60000;
}

std::string create_database_text(const std::string &name, const DatabaseOptions &options) {
  std::string text = "CREATE DATABASE `" + name + "`";
  for (const auto &o : kOptions) {
    auto it = options.find(o.name);
    if (it == options.end()) continue;
    bool quoted = o.form == Form::kText;
    text += " " + to_upper(o.name) + " " + (quoted ? "'" + it->second + "'" : it->second);
  }
  return text;
}

}  // namespace opentaos::sandbox
