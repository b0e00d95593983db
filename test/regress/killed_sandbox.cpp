// A server that is killed and started again, many times, under two consumers of one group while rows are written.
//
// A row is (v, attempt): a write whose answer was lost is tried again as another attempt. What was confirmed to the
// writer must reach a consumer, and what a consumer has committed must not come again to a poll that began after that.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <taos.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Row = std::pair<int, int>;  // v, attempt

constexpr auto kPatience = std::chrono::seconds(60);  // for anything that must happen in the end

[[noreturn]] void die(const std::string &what) {
  std::printf("FAILED: %s\n", what.c_str());
  std::fflush(stdout);
  std::_Exit(1);
}

// Waits for what must come true.
template <typename F>
void wait_until(const std::string &what, F done) {
  const auto end = Clock::now() + kPatience;
  while (!done()) {
    if (Clock::now() > end) die("waited too long until " + what);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

class Sandbox {
 public:
  Sandbox(std::string program, const std::string &folder)
      : program_(std::move(program)), data_(folder + "/data"), port_file_(folder + "/port") {
    start();
  }
  ~Sandbox() { stop(); }

  int port() const { return port_; }

  void start() {
    unlink(port_file_.c_str());
    const std::string port = std::to_string(port_);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execl(program_.c_str(), program_.c_str(), "--port", port.c_str(), "--port-file", port_file_.c_str(), "--data",
            data_.c_str(), "--quiet", static_cast<char *>(nullptr));
      _exit(127);
    }
    if (pid_ < 0) die("fork");
    wait_until("the sandbox listens", [&] {
      if (waitpid(pid_, nullptr, WNOHANG) != 0) die("the sandbox does not start");
      std::ifstream file(port_file_);
      return static_cast<bool>(file >> port_);
    });
  }
  void stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  std::string program_, data_, port_file_;
  int port_ = 0;
  pid_t pid_ = -1;
};

// What everybody has seen.
struct Ledger {
  std::mutex mutex;
  std::set<Row> confirmed;                     // the writer was told so
  std::map<Row, int> received;                 // how often
  std::map<Row, Clock::time_point> committed;  // since when a consumer knows it
  int again = 0;                               // came once more, as it may
};

void run(TAOS *taos, const std::string &sql) {
  TAOS_RES *res = taos_query(taos, sql.c_str());
  if (taos_errno(res) != 0) die(sql + ": " + taos_errstr(res));
  taos_free_result(res);
}

TAOS *connect_to(int port) {
  return taos_connect("127.0.0.1", "root", "taosdata", nullptr, static_cast<uint16_t>(port));
}

class Writer {
 public:
  Writer(int port, Ledger &ledger) : port_(port), ledger_(ledger), thread_([this] { work(); }) {}
  ~Writer() { finish(); }
  void finish() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  void work() {
    TAOS *taos = nullptr;
    int attempt = 0;
    for (int v = 0; !stop_;) {
      if (!taos) taos = connect_to(port_);
      if (!taos) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        continue;
      }
      const std::string sql = "insert into killed.t" + std::to_string(v % 6) + " values (" + std::to_string(1000 + v) +
                              ", " + std::to_string(v) + ", " + std::to_string(attempt) + ")";
      TAOS_RES *res = taos_query(taos, sql.c_str());
      const bool good = taos_errno(res) == 0;
      taos_free_result(res);
      if (good) {
        std::lock_guard lock(ledger_.mutex);
        ledger_.confirmed.emplace(v, attempt);
      }
      // A lost answer leaves open whether the row is there. So the next attempt has another name.
      attempt = good ? 0 : attempt + 1;
      v += good ? 1 : 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(good ? 1 : 5));
    }
    taos_close(taos);
  }

  int port_;
  Ledger &ledger_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

class Member {
 public:
  Member(int port, Ledger &ledger) : ledger_(ledger) {
    tmq_conf_t *conf = tmq_conf_new();
    const std::string number = std::to_string(port);
    const char *pairs[][2] = {{"td.connect.ip", "127.0.0.1"}, {"td.connect.port", number.c_str()},
                              {"td.connect.user", "root"},    {"td.connect.pass", "taosdata"},
                              {"group.id", "members"},        {"auto.offset.reset", "earliest"},
                              {"enable.auto.commit", "false"}};
    for (auto &[key, value] : pairs)
      if (tmq_conf_set(conf, key, value) != TMQ_CONF_OK) die(std::string("tmq_conf_set ") + key);
    char why[256] = "";
    tmq_ = tmq_consumer_new(conf, why, sizeof why);
    tmq_conf_destroy(conf);
    if (!tmq_) die(std::string("tmq_consumer_new: ") + why);
    tmq_list_t *topics = tmq_list_new();
    tmq_list_append(topics, "killed_rows");
    if (int code = tmq_subscribe(tmq_, topics); code != 0) die(std::string("tmq_subscribe: ") + tmq_err2str(code));
    tmq_list_destroy(topics);
    thread_ = std::thread([this] { work(); });
  }
  ~Member() { finish(); }
  void finish() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    if (tmq_ && tmq_consumer_close(tmq_) != 0) die("tmq_consumer_close");
    tmq_ = nullptr;
  }
  int messages() const { return messages_; }

 private:
  void work() {
    auto began = Clock::now(), before = began;
    while (!stop_) {
      // The message may have been sent ahead while the one before was read.
      before = std::exchange(began, Clock::now());
      TAOS_RES *res = tmq_consumer_poll(tmq_, 100);
      if (!res) continue;
      std::vector<Row> rows;
      while (TAOS_ROW row = taos_fetch_row(res))
        rows.emplace_back(*static_cast<int *>(row[1]), *static_cast<int *>(row[2]));
      note_received(rows, before);
      // The others are committed with the next one of their vgroup, or come again.
      if (++messages_ % 3 == 0 && tmq_commit_sync(tmq_, res) == 0) note_committed(rows);
      taos_free_result(res);
    }
    (void)tmq_commit_sync(tmq_, nullptr);
  }

  void note_received(const std::vector<Row> &rows, Clock::time_point asked) {
    std::lock_guard lock(ledger_.mutex);
    for (const Row &row : rows) {
      if (ledger_.received[row]++ == 0) continue;
      ledger_.again++;
      auto found = ledger_.committed.find(row);
      if (found != ledger_.committed.end() && found->second < asked)
        die("row " + std::to_string(row.first) + " came again after it had been committed");
    }
  }

  void note_committed(const std::vector<Row> &rows) {
    std::lock_guard lock(ledger_.mutex);
    for (const Row &row : rows) ledger_.committed.emplace(row, Clock::now());
  }

  Ledger &ledger_;
  tmq_t *tmq_ = nullptr;
  std::atomic<bool> stop_ = false;
  std::atomic<int> messages_ = 0;
  std::thread thread_;
};

}  // namespace

int main(int argc, char **argv) {
  if (argc < 2) die("usage: killed_sandbox TAOS-SANDBOX [TIMES]");
  const int times = argc > 2 ? static_cast<int>(std::strtol(argv[2], nullptr, 10)) : 100;
  // What a restart costs is mostly how long clients wait before they try again.
  setenv("TAOS_RETRY_BACKOFF_MS", "10", 1);
  setenv("TAOS_RETRY_BACKOFF_MAX_MS", "40", 1);
  char folder[] = "/tmp/killed_sandbox_XXXXXX";
  if (!mkdtemp(folder)) die("mkdtemp");
  Ledger ledger;
  const auto started = Clock::now();
  {
    Sandbox sandbox(argv[1], folder);
    TAOS *taos = connect_to(sandbox.port());
    if (!taos) die(std::string("taos_connect: ") + taos_errstr(nullptr));
    run(taos, "create database killed vgroups 2 keep 36500");
    run(taos, "create table killed.s (ts timestamp, v int, attempt int) tags (g int)");
    for (int i = 0; i < 6; i++)
      run(taos, "create table killed.t" + std::to_string(i) + " using killed.s tags (" + std::to_string(i) + ")");
    run(taos, "create topic killed_rows as select ts, v, attempt from killed.s");
    taos_close(taos);

    Member one(sandbox.port(), ledger), other(sandbox.port(), ledger);
    Writer writer(sandbox.port(), ledger);
    const auto confirmed = [&] {
      std::lock_guard lock(ledger.mutex);
      return ledger.confirmed.size();
    };
    for (int i = 0; i < times; i++) {
      // Everybody has got something to do in this life of the server.
      const int seen_one = one.messages(), seen_other = other.messages();
      const size_t written = confirmed();
      wait_until("rows are written and both members receive some", [&] {
        return confirmed() > written + 3 && one.messages() > seen_one && other.messages() > seen_other;
      });
      sandbox.stop();
      sandbox.start();
    }
    writer.finish();
    wait_until("everything that was written has been received", [&] {
      std::lock_guard lock(ledger.mutex);
      for (const Row &row : ledger.confirmed)
        if (ledger.received.find(row) == ledger.received.end()) return false;
      return true;
    });
    one.finish();
    other.finish();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started).count();
  std::printf("killed %d times in %lld ms: %zu rows confirmed, %zu received, %d of them again\n", times,
              static_cast<long long>(took), ledger.confirmed.size(), ledger.received.size(), ledger.again);
  if (std::system(("rm -rf " + std::string(folder)).c_str()) != 0) die("rm");
  return 0;
}
