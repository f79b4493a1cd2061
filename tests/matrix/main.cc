// finwait-matrix FOLDER: writes the scenarios of the matrix (docs/matrix.md),
// one for each stage, and tells what is played and what cannot be.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "matrix/combination.h"
#include "matrix/script.h"

namespace finwait::matrix {
namespace {

struct Matrix {
  std::map<std::string, std::vector<Combination>> stages;
  std::map<std::string_view, int> excluded;  // by reason
};

Matrix Sort(const std::vector<Combination>& all) {
  Matrix matrix;
  for (const Combination& c : all) {
    if (const auto reason = ReasonToExclude(c)) {
      ++matrix.excluded[*reason];
    } else {
      matrix.stages[StageOf(c)].push_back(c);
    }
  }
  return matrix;
}

bool Write(const std::filesystem::path& folder, const Matrix& matrix) {
  std::filesystem::create_directories(folder);
  return std::all_of(matrix.stages.begin(), matrix.stages.end(),
                     [&](const auto& stage) {
                       std::ofstream file(folder / (stage.first + ".toml"));
                       file << ScenarioFor(stage.second);
                       return file.flush().good();
                     });
}

void Tell(const Matrix& matrix, std::size_t all) {
  std::size_t played = 0;
  for (const auto& [name, stage] : matrix.stages) played += stage.size();
  std::cout << all << " combinations, " << played << " played in "
            << matrix.stages.size() << " scenarios\n";
  for (const auto& [reason, count] : matrix.excluded) {
    std::cout << count << " excluded: " << reason << "\n";
  }
}

}  // namespace
}  // namespace finwait::matrix

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: finwait-matrix FOLDER\n";
    return 2;
  }
  const auto all = finwait::matrix::AllCombinations();
  const auto matrix = finwait::matrix::Sort(all);
  finwait::matrix::Tell(matrix, all.size());
  if (finwait::matrix::Write(argv[1], matrix)) return EXIT_SUCCESS;
  std::cerr << "finwait-matrix: " << argv[1] << " cannot be written\n";
  return EXIT_FAILURE;
}
