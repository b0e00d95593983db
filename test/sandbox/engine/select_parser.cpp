// Queries.
#include "engine/parser.h"

namespace opentaos::sandbox {

namespace {

constexpr int kMaxTables = 10;

}  // namespace

QueryPtr Parser::parse_query() {
  auto q = std::make_shared<Query>();
  auto part = [&] {
    if (accept("(")) {
      SelectCore core = select_core();
      expect(")");
      return core;
    }
    return select_core();
  };
  q->parts.push_back({part(), true});
  while (accept("union")) {
    bool all = accept("all");
    q->parts.push_back({part(), all});
  }
  order_limit(q.get());
  return q;
}

SelectCore Parser::select_core() {
  SelectCore core;
  expect("select");
  if (at("distinct")) {
    advance();
    core.distinct = true;
  } else {
    accept("all");
  }
  if (accept("tags")) core.tags = true;
  do core.items.push_back(select_item());
  while (accept(","));
  if (accept("from")) {
    core.from = table_list();
    if (accept("where")) core.where = expression();
    if (accept("partition")) {
      expect("by");
      do core.partition_by.push_back(select_item());
      while (accept(","));
    }
    if (at("range") || at("every")) unsupported("RANGE and EVERY (interpolation)");
    core.window = window();
    if (accept("group")) {
      expect("by");
      core.group_by = expression_list();
    }
    if (accept("having")) core.having = expression();
  }
  return core;
}

SelectItem Parser::select_item() {
  SelectItem item;
  item.expr = expression();
  item.alias = alias();
  return item;
}

std::string Parser::alias() {
  if (accept("as")) return name();
  if (at_name()) return name();
  return {};
}

TableRefPtr Parser::table_list() {
  Depth guard(this);
  TableRefPtr left = joined_table();
  int tables = 1;
  while (accept(",")) {
    if (++tables > kMaxTables) error();
    auto join = std::make_shared<TableRef>();
    join->kind = TableRef::kJoin;
    join->left = left;
    join->right = joined_table();
    left = join;
  }
  return left;
}

TableRefPtr Parser::joined_table() {
  TableRefPtr left = table_primary();
  int tables = 1;
  while (at("join") || at("inner") || at("left") || at("right") || at("full")) {
    if (++tables > kMaxTables) error();
    auto join = std::make_shared<TableRef>();
    join->kind = TableRef::kJoin;
    join->left = left;
    if (!at("join")) {
      join->join_kind = std::string(token_.text);
      advance();
      for (std::string_view word : {"semi", "anti", "asof", "window"})
        if (at(word)) unsupported(std::string(word) + " joins");
      if (join->join_kind != "inner") accept("outer");
    }
    expect("join");
    join->right = table_primary();
    if (accept("on")) join->on = expression();
    left = join;
  }
  return left;
}

TableRefPtr Parser::table_primary() {
  auto ref = std::make_shared<TableRef>();
  if (accept("(")) {
    if (at("select") || at("(")) {
      ref->kind = TableRef::kQuery;
      ref->query = parse_query();
    } else {
      ref = table_list();
    }
    expect(")");
  } else {
    // No length check: a table with such a name just does not exist.
    ref->name = name();
    if (accept(".")) {
      ref->db = std::move(ref->name);
      ref->name = name();
    }
  }
  ref->alias = alias();
  // A WHERE with nothing behind it is an alias to the server's grammar.
  if (at("where") && peek().kind == TokenKind::kEnd) {
    advance();
    ref->alias = "where";
  }
  return ref;
}

WindowSpec Parser::window() {
  WindowSpec w;
  if (accept("interval")) {
    w.kind = WindowSpec::kInterval;
    expect("(");
    w.length = duration();
    if (accept(",")) {
      if (at("auto")) unsupported("INTERVAL(..., AUTO)");
      w.offset = duration();
    }
    expect(")");
    if (accept("sliding")) {
      expect("(");
      w.sliding = duration();
      expect(")");
    }
    fill(&w);
  } else if (accept("session")) {
    w.kind = WindowSpec::kSession;
    expect("(");
    w.expr = expression();
    expect(",");
    w.length = duration();
    expect(")");
  } else if (accept("state_window")) {
    w.kind = WindowSpec::kState;
    expect("(");
    w.expr = expression();
    if (at(",")) unsupported("options of STATE_WINDOW");
    expect(")");
    if (at("true_for")) unsupported("TRUE_FOR");
  } else if (accept("event_window")) {
    w.kind = WindowSpec::kEvent;
    expect("start");
    expect("with");
    w.start = expression();
    expect("end");
    expect("with");
    w.end = expression();
    if (at("true_for")) unsupported("TRUE_FOR");
  } else if (accept("count_window")) {
    w.kind = WindowSpec::kCount;
    expect("(");
    w.rows = w.rows_sliding = integer();
    if (accept(",")) w.rows_sliding = integer();
    if (at(",")) unsupported("columns in COUNT_WINDOW");
    expect(")");
    if (w.rows < 2 || w.rows_sliding < 1 || w.rows_sliding > w.rows)
      fail(kErrInvalidExpression, "Invalid count window");
  } else if (at("anomaly_window")) {
    unsupported("ANOMALY_WINDOW");
  }
  return w;
}

void Parser::fill(WindowSpec *w) {
  if (!accept("fill")) return;
  expect("(");
  bool known = false;
  for (std::string_view mode : {"none", "null", "null_f", "prev", "next", "linear", "value", "value_f"})
    known = known || at(mode);
  if (!known) error();
  w->fill = std::string(token_.text);
  advance();
  if (w->fill == "value" || w->fill == "value_f") {
    expect(",");
    w->fill_values = expression_list();
  }
  expect(")");
}

void Parser::order_limit(Query *q) {
  if (accept("order")) {
    expect("by");
    do {
      OrderItem item;
      item.expr = expression();
      if (accept("desc")) {
        item.descending = true;
      } else {
        accept("asc");
      }
      if (accept("nulls")) {
        if (!at("first") && !at("last")) error();
        item.nulls_first = at("first");
        advance();
      }
      q->order_by.push_back(item);
    } while (accept(","));
  }
  if (accept("slimit")) q->slimit = limit("soffset");
  if (accept("limit")) q->limit = limit("offset");
}

// n | n OFFSET m | m, n
Limit Parser::limit(std::string_view offset_word) {
  Limit l;
  l.count = integer();
  if (accept(offset_word)) {
    l.offset = integer();
  } else if (accept(",")) {
    l.offset = l.count;
    l.count = integer();
  }
  return l;
}

}  // namespace opentaos::sandbox
