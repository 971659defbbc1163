#include "sim/cli/several_reproductions.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>
#include <sstream>

#include "arch/base/error.h"
#include "arch/base/json_parse.h"
#include "arch/base/json_writer.h"

namespace bitscale::cli {
namespace {

struct Outcome {
  int status = kInternal;
  std::string out;
};

bool write_all(int to, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = write(to, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += static_cast<std::size_t>(written);
  }
  return true;
}

std::string read_all(int from) {
  std::string text;
  char part[4096];
  while (true) {
    const ssize_t got = read(from, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part, static_cast<std::size_t>(got));
  }
}

/// In the child: what the command prints goes into the pipe.
[[noreturn]] void run_child(Session& session, const std::vector<std::string>& line, int to) {
  std::ostringstream out;
  int status = run_line(line, out, session.err);
  session.err.flush();
  if (!write_all(to, out.str())) status = kInternal;
  close(to);
  _exit(status);
}

Outcome run_apart(Session& session, const std::vector<std::string>& line) {
  int ends[2];
  if (pipe(ends) != 0) throw base::UserError("bitscale reproduce", "no further pipe");
  session.out.flush();
  const pid_t child = fork();
  if (child < 0) throw base::UserError("bitscale reproduce", "no further process");
  if (child == 0) {
    close(ends[0]);
    run_child(session, line, ends[1]);
  }
  close(ends[1]);
  Outcome outcome;
  outcome.out = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  return outcome;
}

void print_text(Session& session, const NamedReproduction& part, const Outcome& outcome) {
  session.out << outcome.out;
  if (outcome.status != kDone) {
    session.out << "== " << part.name << ": status " << outcome.status << '\n';
  }
}

void write_part(base::JsonWriter& json, const NamedReproduction& part, const Outcome& outcome) {
  json.begin_object()
      .member("name", part.name)
      .member("summary", part.summary)
      .member("status", outcome.status);
  const bool has_result = outcome.status == kDone || outcome.status == kCheckFailed;
  json.member("result", has_result ? base::parse_json(outcome.out, part.name) : base::JsonValue());
  json.end();
}

}  // namespace

int run_several(Session& session, const std::vector<NamedReproduction>& parts, bool json) {
  base::JsonWriter document;
  document.begin_object().member("schema_version", 1).begin_array("reproductions");
  int worst = kDone;
  for (const NamedReproduction& part : parts) {
    if (!json) {
      session.out << "\n== " << part.name << ": " << part.summary << '\n' << std::flush;
    }
    const Outcome outcome = run_apart(session, part.line);
    worst = std::max(worst, outcome.status);
    if (json) {
      write_part(document, part, outcome);
    } else {
      print_text(session, part, outcome);
    }
  }
  document.end().member("status", worst).end();
  if (json) session.out << document.take();
  return worst;
}

}  // namespace bitscale::cli
