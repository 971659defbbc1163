// bitscale-train: the program behind `bitscale train`, apart because it alone links the training
// library.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "workloads/train/recipe.h"
#include "workloads/train/trainer.h"

namespace {

using bitscale::base::UserError;

constexpr const char* kUsage =
    "Usage: bitscale train --recipe RECIPE.json -o DIR [OPTIONS]\n\n"
    "  --recipe FILE    what to train (configs/training/*.json)\n"
    "  -o, --output DIR checkpoint, training.json, epochs.csv, model.onnx (ONNX or QONNX), and of\n"
    "                   quantized networks trace/\n"
    "  --data DIR       IDX files of MNIST or Fashion-MNIST, or CIFAR-10's .bin files\n"
    "                   (/usr/share/datasets/fashion-mnist)\n"
    "  --seed N         in place of the recipe's\n"
    "  --samples N      test images stored in the trace (100)\n"
    "  --restart        begin anew instead of resuming DIR's checkpoint\n"
    "  --stop-after N   leave after epoch N; the next call resumes\n\n"
    "Example:\n  bitscale train --recipe configs/training/smoke.json -o smoke\n";

struct Arguments {
  std::string recipe, data = "/usr/share/datasets/fashion-mnist";
  std::optional<int> seed;
  bitscale::train::TrainingOptions options;
  bool help = false;
};

int whole_number(const std::string& option, const std::string& text) {
  char* end = nullptr;
  const long value = std::strtol(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || value < 1 || value > 1'000'000) {
    throw UserError(option, "given '" + text + "', allowed 1 … 1000000");
  }
  return static_cast<int>(value);
}

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto next = [&]() -> const std::string& {
      if (i + 1 == words.size()) throw UserError(word, "needs a value");
      return words[++i];
    };
    if (word == "--help" || word == "-h") {
      arguments.help = true;
    } else if (word == "--recipe") {
      arguments.recipe = next();
    } else if (word == "--output" || word == "-o") {
      arguments.options.output = next();
    } else if (word == "--data") {
      arguments.data = next();
    } else if (word == "--samples") {
      arguments.options.trace_samples = whole_number(word, next());
    } else if (word == "--seed") {
      arguments.seed = whole_number(word, next());
    } else if (word == "--stop-after") {
      arguments.options.stop_after = whole_number(word, next());
    } else if (word == "--restart") {
      arguments.options.restart = true;
    } else {
      throw UserError("bitscale train", bitscale::base::unknown_name_message(
                                            "option", word,
                                            {"--recipe", "--output", "--data", "--seed",
                                             "--samples", "--restart", "--stop-after", "--help"}));
    }
  }
  if (arguments.help) return arguments;
  if (arguments.recipe.empty()) throw UserError("--recipe", "missing");
  if (arguments.options.output.empty()) throw UserError("--output", "missing");
  return arguments;
}

int run(const std::vector<std::string>& words) {
  Arguments arguments = parse(words);
  if (arguments.help) {
    std::cout << kUsage;
    return 0;
  }
  bitscale::train::Recipe recipe = bitscale::train::read_recipe(arguments.recipe);
  if (arguments.seed) recipe.seed = static_cast<std::uint64_t>(*arguments.seed);
  arguments.options.progress = [&](const std::string& text) {
    std::cerr << recipe.name << ": " << text << '\n';
  };
  const auto result = bitscale::train::train(
      recipe, bitscale::train::read_training_data(arguments.data), arguments.options);
  if (!result.finished) return 0;
  std::printf("%s: test top-1 %.4f\n", recipe.name.c_str(), result.test_top1);
  if (recipe.weights != bitscale::train::WeightTraining::Float) {
    std::printf("on integers %.4f, fake-quantized %.4f, %zu predictions differ\n",
                result.integer_top1, result.fake_top1, result.differing_samples.size());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const UserError& error) {
    for (const auto& problem : error.problems()) {
      std::cerr << "error: " << problem.where << ": " << problem.message << '\n';
    }
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "internal error: " << error.what()
              << "\nThis is a bug of bitscale, not of your input.\n";
    return 3;
  }
}
