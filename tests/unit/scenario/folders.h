// Where the tests find the files of the source tree.
#pragma once

#include <filesystem>

namespace finwait::scenario {

inline std::filesystem::path SourceTree() {
  // tests/unit/scenario/folders.h
  return std::filesystem::path(__FILE__)
      .parent_path()
      .parent_path()
      .parent_path()
      .parent_path();
}

inline std::filesystem::path Topologies() {
  return SourceTree() / "topologies";
}

}  // namespace finwait::scenario
