// From the log of a vgroup to the messages of a topic.
#include "engine/parser.h"
#include "engine/select.h"
#include "engine/topics.h"

namespace opentaos::sandbox {

namespace {

// What two log records may have in common with a table that is there now.
TableInfo *living(const LoggedTable &t, const std::string &db, const Context &c) {
  TableInfo *found = c.catalog->find_table(db, t.name);
  return found && found->uid() == t.uid ? found : nullptr;
}

class TopicReader {
 public:
  TopicReader(const Topic &topic, const TopicReadOptions &options, const Context &context, TopicMessage *out)
      : topic_(topic), options_(options), context_(context), out_(*out) {}

  // False: the message ends ahead of this record.
  bool take(LogRecord record) {
    if (options_.leave_out_replayed && record.replayed) return true;
    if (record.kind == LogRecord::kMark) return true;
    if (record.kind != LogRecord::kRows) return take_meta(std::move(record));
    if (!is_about_me(record.tables[0])) return true;
    TableInfo *table = living(record.tables[0], topic_.db, context_);
    if (!table) return true;
    if (out_.kind == TopicMessage::kMeta) return false;
    if (rows_ >= options_.rows) return false;
    TopicMessage::Block block;
    if (topic_.kind == CreateTopic::kQuery) {
      block.table = run_select(*table, record);
      if (block.table.rows.empty()) return true;
    } else {
      LoggedTable &t = record.tables[0];
      for (auto &c : t.columns) block.table.fields.push_back(c.field);
      block.table.precision = t.precision;
      block.table.rows = std::move(record.rows);
      block.columns = t.columns;
      block.name = t.name;
    }
    rows_ += block.table.rows.size();
    out_.blocks.push_back(std::move(block));
    bool creates = record.creates && topic_.meta;
    if (creates) out_.created.push_back(record.tables[0]);
    if (out_.kind != TopicMessage::kMetaData) out_.kind = creates ? TopicMessage::kMetaData : TopicMessage::kData;
    return true;
  }

  // Whether a message that has just grown may not grow further.
  bool full() const { return out_.kind == TopicMessage::kMeta && !options_.batch_meta; }

 private:
  bool is_about_me(const LoggedTable &t) const {
    switch (topic_.kind) {
      case CreateTopic::kDatabase: return true;
      case CreateTopic::kStable:
        return t.super == topic_.super || (t.kind == TableInfo::kSuper && t.name == topic_.super);
      case CreateTopic::kQuery: return true;  // run_select() looks
    }
    return false;
  }

  bool take_meta(LogRecord record) {
    if (!topic_.meta) return true;
    std::erase_if(record.tables, [&](const LoggedTable &t) { return !is_about_me(t); });
    if (record.tables.empty()) return true;
    if (!out_.blocks.empty()) return false;
    out_.kind = TopicMessage::kMeta;
    out_.metas.push_back(std::move(record));
    return true;
  }

  Table run_select(const TableInfo &table, const LogRecord &record) const {
    Session session = *context_.session;
    session.db = topic_.db;
    Context c = context_;
    c.session = &session;
    LoggedRows logged{&table, &record.tables[0].columns, &record.rows};
    c.logged = &logged;
    QueryPtr query = Parser(topic_.select).parse_query();
    // The names in the query are looked up as they are now: its table may be gone or have lost a column.
    TableRef &from = *query->parts[0].core.from;
    const TableInfo *source = context_.catalog->find_table(topic_.db, from.name);
    if (!source || (source != &table && source != table.super)) return {};
    return run_query(*query, c, false);
  }

  const Topic &topic_;
  const TopicReadOptions &options_;
  const Context &context_;
  TopicMessage &out_;
  size_t rows_ = 0;
};

}  // namespace

void read_topic(const Topic &topic, int vgroup, int64_t from, const TopicReadOptions &options, const Context &c,
                TopicMessage *out) {
  ChangeLog::Range range = c.log->range(vgroup);
  out->from = out->next = std::max(from, range.begin);
  TopicReader reader(topic, options, c, out);
  bool whole = true;
  c.log->read(vgroup, out->from, [&](LogRecord record) {
    int64_t version = record.version;
    if (!reader.take(std::move(record))) return whole = false;
    out->next = version + 1;
    return whole = !reader.full();
  });
  if (whole) out->next = std::max(out->next, range.end);
}

}  // namespace opentaos::sandbox
