#include "CVersion.h"

// Git writes a line here whenever HEAD moves: old commit, new commit, who, when. The compiler reads the file while it
// builds and keeps the last line's second word alone. The file is a dependency like any header, so a new commit
// compiles this file again and nothing else; no build plugin, no script, and no commit where there is no checkout.
#pragma clang diagnostic ignored "-Wc23-extensions"

namespace {

constexpr char movesOfHead[] = {
#if defined(__has_embed)
#if __has_embed("../../.git/logs/HEAD")
#embed "../../.git/logs/HEAD" suffix(, )
#endif
#endif
    0};

constexpr int digits = 40;

struct Commit {
  char text[digits + 1] = {};
};

consteval Commit lastCommit() {
  Commit commit;
  int end = sizeof(movesOfHead) - 1;
  while (end > 0 && movesOfHead[end - 1] == '\n') --end;
  int start = end;
  while (start > 0 && movesOfHead[start - 1] != '\n') --start;
  if (end - start < 2 * digits + 1) return commit;
  for (int place = 0; place < digits; ++place) commit.text[place] = movesOfHead[start + digits + 1 + place];
  return commit;
}

constexpr Commit builtFrom = lastCommit();

}  // namespace

const char *plimsoll_commit(void) { return builtFrom.text; }

const char *plimsoll_build_date(void) { return __DATE__; }
