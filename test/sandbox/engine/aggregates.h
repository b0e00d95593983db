// count, sum, first and the others: fed row by row.
#pragma once

#include <memory>
#include <vector>

#include "engine/expression.h"

namespace opentaos::sandbox {

class Aggregator {
 public:
  virtual ~Aggregator() = default;
  // `time` orders rows for first() and last(). Returns true when a selector now stands on this row.
  virtual bool add(const std::vector<Value> &args, int64_t time) = 0;
  virtual Value result() const = 0;
};

std::unique_ptr<Aggregator> make_aggregator(const AggregateCall &call, int precision);

// What a group without any row gives: 0 for count(), NULL for the rest.
Value empty_result(const AggregateCall &call);

}  // namespace opentaos::sandbox
