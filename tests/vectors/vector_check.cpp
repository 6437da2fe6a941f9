// vector_check FILE: runs the cases of a vectors file against the drivers of this build (docs/testing.md).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "tests/vectors/check.hpp"

namespace b2m::vectors {
namespace {

class Tally {
 public:
  void add(const VectorCase& one, const Verdict& verdict) {
    ++counts_[static_cast<std::size_t>(verdict.kind)];
    if (verdict.kind == Verdict::Kind::failed) print("FAILED", one, verdict);
    if (verdict.kind == Verdict::Kind::differs) print("note", one, verdict);
    if (verdict.kind == Verdict::Kind::skipped) ++skipped_[verdict.reasons.front()];
  }

  /// An advisory case that differs is a case that was run and did not fail.
  void print_summary() const {
    for (const auto& [reason, cases] : skipped_) fmt::print("skipped {}: {}\n", cases, reason);
    fmt::print("{} passed, {} failed, {} skipped\n", count(Verdict::Kind::passed) + count(Verdict::Kind::differs),
               count(Verdict::Kind::failed), count(Verdict::Kind::skipped));
  }

  [[nodiscard]] bool all_right() const { return count(Verdict::Kind::failed) == 0; }

 private:
  static void print(const char* what, const VectorCase& one, const Verdict& verdict) {
    fmt::print("{} {}: {}\n", what, one.id, fmt::join(verdict.reasons, "; "));
  }
  [[nodiscard]] unsigned count(Verdict::Kind kind) const { return counts_[static_cast<std::size_t>(kind)]; }

  std::array<unsigned, 4> counts_{};
  std::map<std::string, unsigned> skipped_;
};

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void list_case(const VectorChip& chip, const VectorCase& one) {
  CaseBoard board;
  const auto driver = prepare(chip, one, board, find_driver);
  fmt::print("  {:32} {:10} {}{}\n", one.id, one.kind,
             driver ? fmt::format("runs with {}", driver->name()) : fmt::format("skipped: {}", driver.error().detail),
             one.advisory ? " (advisory)" : "");
}

void list(const VectorChip& chip) {
  fmt::print("{}\n", chip.name);
  for (const auto& one : chip.cases) list_case(chip, one);
}

/// Exit code: 0 all right, 1 a case failed or the file cannot be used, 2 wrong command line.
int run(const std::string& path, const std::string& wanted, bool only_list) {
  auto chips = load_vectors(path);
  if (!chips) {
    fmt::print(stderr, "vector_check: {}\n", chips.error().detail);
    return 1;
  }
  if (!wanted.empty())
    std::erase_if(*chips, [&](const auto& chip) { return lower_case(chip.name) != lower_case(wanted); });
  if (chips->empty()) {
    fmt::print(stderr, "vector_check: {}: no chip{}\n", path, wanted.empty() ? "" : " of that name");
    return 1;
  }
  Tally tally;
  for (const auto& chip : *chips) {
    if (only_list) list(chip);
    for (const auto& one : chip.cases)
      if (!only_list) tally.add(one, check_case(chip, one, find_driver));
  }
  if (!only_list) tally.print_summary();
  return tally.all_right() ? 0 : 1;
}

}  // namespace
}  // namespace b2m::vectors

int main(int argc, char** argv) {
  CLI::App app{"Runs the cases of a vectors file against the drivers of this build.", "vector_check"};
  std::string file;
  std::string chip;
  bool only_list = false;
  app.add_option("FILE", file, "vectors, as tests/vectors/README.md describes them")->required();
  app.add_option("--chip", chip, "only this chip, as the file calls it");
  app.add_flag("--list", only_list, "list chips and cases and what would run");
  try {
    app.parse(argc, argv);
    return b2m::vectors::run(file, chip, only_list);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vector_check: %s\n", error.what());
    return 1;
  }
}
