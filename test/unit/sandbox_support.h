// A sandbox engine in memory, and its answers as text.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "engine/decimal.h"
#include "engine/engine.h"
#include "engine/text.h"
#include "engine/value.h"

namespace sandbox_test {

using namespace opentaos::sandbox;

inline std::string shown(const Value &v, const Field &f) {
  if (is_null(v)) return "NULL";
  if (auto *b = std::get_if<bool>(&v)) return *b ? "true" : "false";
  if (auto *i = std::get_if<int64_t>(&v)) return std::to_string(*i);
  if (auto *u = std::get_if<uint64_t>(&v)) return std::to_string(*u) + "u";
  if (auto *d = std::get_if<double>(&v)) return printf_text("%.12g", *d);
  if (auto *d = std::get_if<Decimal>(&v)) return decimal_text(d->unscaled, f.scale);
  auto &s = std::get<std::string>(v);
  return f.type == kVarbinary || f.type == kGeometry || is_blob_type(f.type) ? "x" + hex_text(s) : s;
}

struct Box {
  std::unique_ptr<Engine> engine;
  Session session;

  explicit Box(const std::string &file = "") {
    std::string error;
    engine = Engine::open(file, &error);
    INFO(error);
    REQUIRE(engine);
    session.user = "root";
  }

  Outcome run(const std::string &sql) { return engine->execute(session, sql); }

  // Runs what must succeed; the number of rows it changed.
  int64_t ok(const std::string &sql) {
    Outcome o = run(sql);
    INFO(sql << ": " << o.message);
    REQUIRE(o.code == 0);
    return o.affected;
  }

  // "a,b|c,d" for two rows of two columns.
  std::string rows(const std::string &sql) {
    Outcome o = run(sql);
    INFO(sql << ": " << o.message);
    REQUIRE(o.code == 0);
    CHECK_FALSE(o.is_update);
    std::string text;
    for (auto &row : o.table.rows) {
      REQUIRE(row.size() == o.table.fields.size());
      if (&row != &o.table.rows.front()) text += "|";
      for (size_t i = 0; i < row.size(); i++) text += (i ? "," : "") + shown(row[i], o.table.fields[i]);
    }
    return text;
  }

  // "name:type:width,..." of the result.
  std::string fields(const std::string &sql) {
    Outcome o = run(sql);
    INFO(sql << ": " << o.message);
    REQUIRE(o.code == 0);
    std::string text;
    for (auto &f : o.table.fields)
      text += (text.empty() ? "" : ",") + f.name + ":" + std::to_string(f.type) + ":" + std::to_string(f.width);
    return text;
  }

  // "0x2603 Table does not exist", or "ok".
  std::string error(const std::string &sql) {
    Outcome o = run(sql);
    if (o.code == 0) return "ok";
    CHECK(o.table.fields.empty());
    CHECK_FALSE(o.is_update);
    return printf_text("0x%04x ", static_cast<unsigned>(o.code)) + o.message;
  }

  // A database that keeps rows of any age.
  void use(const std::string &name, const std::string &options = "") {
    ok("create database " + name + " keep 36500 " + options);
    ok("use " + name);
  }
};

}  // namespace sandbox_test
