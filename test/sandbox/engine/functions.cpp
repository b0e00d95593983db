// The registry, and the functions of no family.
#include "engine/functions.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>

#include "engine/cast.h"
#include "engine/geometry.h"
#include "engine/text.h"

namespace opentaos::sandbox {

void bad_argument_type(const Expr &call) { fail(kErrParameterType, "Invalid parameter data type : " + call.name); }

void need_numeric(const Expr &call, size_t from) {
  for (size_t i = from; i < call.args.size(); i++) {
    const Expr &a = *call.args[i];
    bool null = a.kind == ExprKind::kLiteral && is_null(a.value);
    if (!is_numeric_type(a.type.type) && !null) bad_argument_type(call);
  }
}

void need_text(const Expr &call, size_t at) {
  const Expr &a = *call.args[at];
  if (!is_text_type(a.type.type)) bad_argument_type(call);
}

namespace {

void set(Expr &e, uint8_t type, int32_t width = 0) { e.type = make_field("", type, width); }

// What the session and the server say of themselves. Their width is the text's own length.
Value session_text(const Expr &e, const Context &c) {
  if (e.name == "database") return c.session->db.empty() ? Value{} : Value{c.session->db};
  if (e.name == "user" || e.name == "current_user") return c.session->user + "@localhost";
  if (e.name == "timezone") return c.session->tz.empty() ? Value{"UTC"} : Value{c.session->tz};
  return version();
}

void bind_session(Expr &e, const Scope &, const Context &c) {
  Value v = session_text(e, c);
  set(e, kVarchar, is_null(v) ? 63 : static_cast<int32_t>(std::get<std::string>(v).size()));
}

Value run_session(const Expr &e, const std::vector<Value> &, const Context &c, int) { return session_text(e, c); }

Field common_type(const Expr &e, size_t from) {
  Field best = e.args[from]->type;
  for (size_t i = from + 1; i < e.args.size(); i++) {
    const Field &f = e.args[i]->type;
    bool none = best.type == kVarchar && best.width == 0;
    if (none || (f.type == best.type && f.width > best.width)) {
      best = f;
    } else if (f.type != best.type && !(f.type == kVarchar && f.width == 0)) {
      if (is_text_type(f.type) || is_text_type(best.type)) {
        bool both = is_text_type(f.type) && is_text_type(best.type);
        bool nchar = f.type == kNchar || best.type == kNchar;
        best = make_field("", nchar ? kNchar : kVarchar,
                          both ? std::max(f.width, best.width) : std::max({f.width, best.width, 40}));
      } else {
        best = make_field("", is_float_type(f.type) || is_float_type(best.type) ? kDouble : kBigInt);
      }
    }
  }
  best.name.clear();
  return best;
}

Value converted(const Expr &e, size_t i, const std::vector<Value> &args, const Context &c, int precision) {
  const Field &from = e.args[i]->type;
  if (from.type == e.type.type) return args[i];
  return cast_value(args[i], from, e.type, precision, *c.zone);
}

void bind_coalesce(Expr &e, const Scope &, const Context &) { e.type = common_type(e, 0); }
Value run_coalesce(const Expr &e, const std::vector<Value> &args, const Context &c, int precision) {
  for (size_t i = 0; i < args.size(); i++)
    if (!is_null(args[i])) return converted(e, i, args, c, precision);
  return {};
}

void bind_if(Expr &e, const Scope &, const Context &) { e.type = common_type(e, 1); }
Value run_if(const Expr &e, const std::vector<Value> &args, const Context &c, int precision) {
  bool yes = !is_null(args[0]) && to_double(args[0]) != 0;
  if (e.name == "nvl2") yes = !is_null(args[0]);
  return converted(e, yes ? 1 : 2, args, c, precision);
}

void bind_nullif(Expr &e, const Scope &, const Context &) {
  e.type = e.args[0]->type;
  e.type.name.clear();
}
Value run_nullif(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  if (is_null(args[0]) || is_null(args[1])) return args[0];
  auto r = compare(args[0], e.args[0]->type.scale, args[1], e.args[1]->type.scale);
  return r && *r == 0 ? Value{} : args[0];
}

void bind_isnull(Expr &e, const Scope &, const Context &) { set(e, kBool); }
Value run_isnull(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  return is_null(args[0]) == (e.name == "isnull");
}

void bind_extreme(Expr &e, const Scope &, const Context &) { e.type = common_type(e, 0); }
Value run_extreme(const Expr &e, const std::vector<Value> &args, const Context &c, int precision) {
  Value best = converted(e, 0, args, c, precision);
  for (size_t i = 1; i < args.size(); i++) {
    Value v = converted(e, i, args, c, precision);
    auto r = compare(v, e.type.scale, best, e.type.scale);
    if (r && (e.name == "greatest" ? *r > 0 : *r < 0)) best = v;
  }
  return best;
}

void bind_geometry(Expr &e, const Scope &, const Context &) {
  bool from_text = e.name == "st_geomfromtext";
  if (from_text) {
    need_text(e, 0);
  } else if (e.args[0]->type.type != kGeometry) {
    bad_argument_type(e);
  }
  set(e, from_text ? kGeometry : kVarchar, e.args[0]->type.width);
}
Value run_geometry(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  const std::string &s = std::get<std::string>(args[0]);
  auto r = e.name == "st_geomfromtext" ? wkb_from_wkt(s) : wkt_from_wkb(s);
  if (!r) fail(kErrParameterValue, "Invalid function para value");
  return *r;
}

std::string digest(const EVP_MD *kind, const std::string &s) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(s.data(), s.size(), out, &size, kind, nullptr) != 1) fail(kErrInternal, "digest failed");
  return hex_text({reinterpret_cast<char *>(out), size});
}

void bind_digest(Expr &e, const Scope &, const Context &) {
  if (!is_var_type(e.args[0]->type.type)) bad_argument_type(e);
  set(e, kVarchar, e.name == "md5" ? 32 : e.name == "sha1" || e.name == "sha" ? 40 : 128);
}
Value run_digest(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  const std::string &s = std::get<std::string>(args[0]);
  if (e.name == "md5") return digest(EVP_md5(), s);
  if (e.name != "sha2") return digest(EVP_sha1(), s);
  switch (static_cast<int>(to_double(args[1]))) {
    case 224: return digest(EVP_sha224(), s);
    case 0:
    case 256: return digest(EVP_sha256(), s);
    case 384: return digest(EVP_sha384(), s);
    case 512: return digest(EVP_sha512(), s);
    default: fail(kErrParameterValue, "Invalid parameter value : sha2");
  }
}

void bind_crc(Expr &e, const Scope &, const Context &) { set(e, kUInt); }
Value run_crc(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  std::string s = value_text(args[0], e.args[0]->type);
  return uint64_t{crc32_z(0, reinterpret_cast<const unsigned char *>(s.data()), s.size())};
}

void bind_status(Expr &e, const Scope &, const Context &) { set(e, kInt); }
Value run_status(const Expr &, const std::vector<Value> &, const Context &, int) { return int64_t{1}; }

constexpr ScalarFunction kFunctions[] = {
    {"database", 0, 0, bind_session, run_session},
    {"user", 0, 0, bind_session, run_session},
    {"current_user", 0, 0, bind_session, run_session},
    {"server_version", 0, 0, bind_session, run_session},
    {"client_version", 0, 0, bind_session, run_session},
    {"timezone", 0, 0, bind_session, run_session},
    {"server_status", 0, 0, bind_status, run_status},
    {"coalesce", 1, -1, bind_coalesce, run_coalesce, true},
    {"ifnull", 2, 2, bind_coalesce, run_coalesce, true},
    {"nvl", 2, 2, bind_coalesce, run_coalesce, true},
    {"if", 3, 3, bind_if, run_if, true},
    {"nvl2", 3, 3, bind_if, run_if, true},
    {"nullif", 2, 2, bind_nullif, run_nullif, true},
    {"isnull", 1, 1, bind_isnull, run_isnull, true},
    {"isnotnull", 1, 1, bind_isnull, run_isnull, true},
    {"greatest", 2, -1, bind_extreme, run_extreme},
    {"least", 2, -1, bind_extreme, run_extreme},
    {"st_geomfromtext", 1, 1, bind_geometry, run_geometry},
    {"st_astext", 1, 1, bind_geometry, run_geometry},
    {"md5", 1, 1, bind_digest, run_digest},
    {"sha", 1, 1, bind_digest, run_digest},
    {"sha1", 1, 1, bind_digest, run_digest},
    {"sha2", 2, 2, bind_digest, run_digest},
    {"crc32", 1, 1, bind_crc, run_crc},
};

// Functions of TDengine 3.3 that the sandbox does not have: refused by name, so that a program's author knows that
// the statement itself is right.
constexpr std::string_view kElsewhere[] = {"aes_decrypt",   "aes_encrypt",
                                           "ascii_str",     "bottom",
                                           "char",          "corr",
                                           "csum",          "date",
                                           "dayofweek",     "derivative",
                                           "diff",          "fill_forward",
                                           "find_in_set",   "generate_surrogate_key",
                                           "group_concat",  "histogram",
                                           "hyperloglog",   "interp",
                                           "irate",         "lag",
                                           "last_value",    "lead",
                                           "leastsquares",  "like_in_set",
                                           "mask_full",     "mask_none",
                                           "mask_partial",  "mavg",
                                           "rand",          "regexp_in_set",
                                           "sample",        "sm4_decrypt",
                                           "sm4_encrypt",   "st_area",
                                           "st_contains",   "st_containsproperly",
                                           "st_covers",     "st_equals",
                                           "st_intersects", "st_makepoint",
                                           "st_numpoints",  "st_touches",
                                           "st_x",          "st_y",
                                           "statecount",    "stateduration",
                                           "tail",          "to_json",
                                           "top",           "twa",
                                           "unique",        "week",
                                           "weekday",       "weekofyear",
                                           "cols",          "_group_key",
                                           "block_dist",    "cache_last",
                                           "forecast",      "translate"};

}  // namespace

std::span<const ScalarFunction> other_functions() { return kFunctions; }

const ScalarFunction *find_function(std::string_view name) {
  for (auto family : {math_functions(), text_functions(), time_functions(), other_functions()})
    for (const auto &f : family)
      if (f.name == name) return &f;
  return nullptr;
}

bool is_other_server_function(std::string_view name) {
  return std::find(std::begin(kElsewhere), std::end(kElsewhere), name) != std::end(kElsewhere);
}

}  // namespace opentaos::sandbox
