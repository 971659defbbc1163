// A document held against its JSON Schema (configs/schema), for the formats that bitscale writes
// for others and never reads itself.
#ifndef BITSCALE_SIM_CLI_SCHEMA_CHECK_H_
#define BITSCALE_SIM_CLI_SCHEMA_CHECK_H_

#include "arch/base/json_value.h"

namespace bitscale::cli {

/// Throws UserError with every problem: place, what is allowed, what was given, the nearest key.
/// Knows the keywords those schemas use (JSON Schema 2020-12: type, const, enum, minimum, maximum,
/// exclusiveMinimum, minItems, uniqueItems of strings, items, properties, required,
/// additionalProperties false, $ref below #/); another one is an InternalError.
void check_by_schema(const base::JsonValue& document, const base::JsonValue& schema);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_SCHEMA_CHECK_H_
