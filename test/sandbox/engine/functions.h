// The scalar functions, by family.
#pragma once

#include <span>

#include "engine/expression.h"

namespace opentaos::sandbox {

std::span<const ScalarFunction> math_functions();
std::span<const ScalarFunction> text_functions();
std::span<const ScalarFunction> time_functions();
std::span<const ScalarFunction> other_functions();

// Shared by the families' bind functions.
[[noreturn]] void bad_argument_type(const Expr &call);
void need_numeric(const Expr &call, size_t from = 0);
void need_text(const Expr &call, size_t at);

}  // namespace opentaos::sandbox
