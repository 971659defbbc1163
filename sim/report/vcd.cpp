#include "sim/report/vcd.h"

#include <algorithm>
#include <map>

namespace bitscale::report {
namespace {

// Printable identifiers: "!", "\"", … then two characters.
std::string code_of(std::size_t index) {
  constexpr std::size_t kFirst = 33;
  constexpr std::size_t kCount = 94;
  std::string code;
  for (;; index = index / kCount - 1) {
    code += static_cast<char>(kFirst + index % kCount);
    if (index < kCount) return code;
  }
}

std::string value_text(std::int64_t value, const Signal& signal, const std::string& code) {
  if (signal.bits == 1) return (value != 0 ? "1" : "0") + code;
  std::string digits;
  for (auto rest = static_cast<std::uint64_t>(value); rest > 0; rest >>= 1) {
    digits.insert(digits.begin(), (rest & 1) != 0 ? '1' : '0');
  }
  return "b" + (digits.empty() ? "0" : digits) + " " + code;
}

// A comment's text must not end the comment.
std::string without_dollars(std::string text) {
  std::replace(text.begin(), text.end(), '$', '_');
  return text;
}

}  // namespace

std::string vcd_text(const Waveform& waveform, const std::string& module) {
  std::string text = "$timescale 1 ns $end\n";
  text += "$comment one ns of this file is one cycle of the accelerator $end\n";
  for (const std::string& comment : waveform.comments) {
    text += "$comment " + without_dollars(comment) + " $end\n";
  }
  text += "$scope module " + module + " $end\n";
  std::map<std::int64_t, std::map<std::size_t, std::int64_t>> events;
  for (std::size_t i = 0; i < waveform.signals.size(); ++i) {
    const Signal& signal = waveform.signals[i];
    text += "$var " + std::string(signal.bits == 1 ? "wire " : "integer ") +
            std::to_string(signal.bits) + " " + code_of(i) + " " + signal.name + " $end\n";
    events[waveform.begin_cycle][i] = 0;
    for (const auto& [cycle, value] : signal.changes) {
      if (cycle <= waveform.end_cycle) events[std::max(cycle, waveform.begin_cycle)][i] = value;
    }
  }
  text += "$upscope $end\n$enddefinitions $end\n";
  std::vector<std::int64_t> shown(waveform.signals.size(), -1);
  for (const auto& [cycle, values] : events) {
    std::string changed;
    for (const auto& [index, value] : values) {
      if (shown[index] == value) continue;
      shown[index] = value;
      changed += value_text(value, waveform.signals[index], code_of(index)) + "\n";
    }
    if (!changed.empty()) text += "#" + std::to_string(cycle) + "\n" + changed;
  }
  const std::string end = "#" + std::to_string(waveform.end_cycle) + "\n";
  const bool at_end = !events.empty() && events.rbegin()->first == waveform.end_cycle;
  return at_end ? text : text + end;
}

}  // namespace bitscale::report
