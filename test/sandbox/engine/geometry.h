// Geometry: WKT as users write it, little-endian WKB as the wire has it. Two dimensions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace opentaos::sandbox {

// POINT, LINESTRING, POLYGON, MULTIPOINT, MULTILINESTRING, MULTIPOLYGON, GEOMETRYCOLLECTION; nullopt when malformed.
std::optional<std::string> wkb_from_wkt(std::string_view wkt);

// "POINT (1.500000 -2.250000)"; nullopt when the bytes are no geometry.
std::optional<std::string> wkt_from_wkb(std::string_view wkb);

}  // namespace opentaos::sandbox
