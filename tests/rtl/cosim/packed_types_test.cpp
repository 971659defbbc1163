#include "rtl/cosim/packed_types.h"

#include <gtest/gtest.h>

namespace bitscale::cosim {
namespace {

std::string table(const std::string& types) {
  return "<netlist><typetable loc=\"a\">" + types + "</typetable></netlist>";
}

std::string array(const std::string& kind, const std::string& id, const std::string& of,
                  const std::string& left, const std::string& right) {
  return "<" + kind + " id=\"" + id + "\" sub_dtype_id=\"" + of + "\"><range><const name=\"" +
         left + "\"/><const name=\"" + right + "\"/></range></" + kind + ">";
}

TEST(PackedTypes, VectorsAreAsWideAsTheirEndsSay) {
  auto widths =
      packed_widths(table("<basicdtype id=\"1\" name=\"logic\"/><basicdtype id=\"2\" "
                          "name=\"logic\" left=\"3\" right=\"0\"/>"
                          "<basicdtype id=\"3\" name=\"bit\" left=\"2\" right=\"9\"/><basicdtype "
                          "id=\"4\" name=\"real\"/>"));
  EXPECT_EQ(widths["1"], 1);
  EXPECT_EQ(widths["2"], 4);
  EXPECT_EQ(widths["3"], 8);
  EXPECT_EQ(widths["4"], 0);
}

TEST(PackedTypes, ArraysAndNamesMultiply) {
  const std::string vector = "<basicdtype id=\"1\" name=\"logic\" left=\"1\" right=\"0\"/>";
  auto widths =
      packed_widths(table(array("packarraydtype", "2", "1", "32&apos;sh2", "32&apos;sh0") + vector +
                          array("packarraydtype", "3", "2", "32&apos;sh0", "32&apos;sha") +
                          "<refdtype id=\"4\" name=\"m_t\" sub_dtype_id=\"3\"/>" +
                          array("unpackarraydtype", "5", "1", "32&apos;h0", "32&apos;h1")));
  EXPECT_EQ(widths["2"], 6);
  EXPECT_EQ(widths["3"], 66);
  EXPECT_EQ(widths["4"], 66);
  EXPECT_EQ(widths["5"], 0);
}

TEST(PackedTypes, BoundsMayBeNegative) {
  const std::string bit = "<basicdtype id=\"1\" name=\"logic\"/>";
  auto widths = packed_widths(
      table(bit + array("packarraydtype", "2", "1", "32&apos;sh1", "32&apos;hfffffffe") +
            array("packarraydtype", "3", "1", "32&apos;shffffffff", "32&apos;sh0") +
            array("packarraydtype", "4", "1", "8&apos;shff", "8&apos;hfe")));
  EXPECT_EQ(widths["2"], 4);
  EXPECT_EQ(widths["3"], 2);
  EXPECT_EQ(widths["4"], 256);  // -1 to 254: a short one has a sign only if it says so
}

TEST(PackedTypes, StructuresAddAndUnionsAreAsWideAsTheWidest) {
  const std::string members =
      "<memberdtype id=\"8\" name=\"a\" sub_dtype_id=\"1\"/>"
      "<memberdtype id=\"9\" name=\"b\" sub_dtype_id=\"2\"/>";
  auto widths = packed_widths(
      table("<basicdtype id=\"1\" name=\"logic\" left=\"2\" right=\"0\"/>"
            "<basicdtype id=\"2\" name=\"logic\" left=\"4\" right=\"0\"/><structdtype id=\"3\">" +
            members + "</structdtype><uniondtype id=\"4\">" + members +
            "</uniondtype><enumdtype id=\"5\" sub_dtype_id=\"2\"><enumitem name=\"A\" "
            "dtype_id=\"2\"><const name=\"5&apos;h1f\"/></enumitem></enumdtype>"));
  EXPECT_EQ(widths["3"], 8);
  EXPECT_EQ(widths["4"], 5);
  EXPECT_EQ(widths["5"], 5);
}

TEST(PackedTypes, WhatRefersToItselfOrToNothingHasNoBits) {
  auto widths =
      packed_widths(table("<refdtype id=\"1\" sub_dtype_id=\"2\"/>"
                          "<refdtype id=\"2\" sub_dtype_id=\"1\"/>"
                          "<refdtype id=\"3\" sub_dtype_id=\"7\"/>"));
  EXPECT_EQ(widths["1"], 0);
  EXPECT_EQ(widths["3"], 0);
  EXPECT_TRUE(packed_widths("no table").empty());
}

}  // namespace
}  // namespace bitscale::cosim
