// A real mosquitto on a free port of the loopback interface, and a socket that never answers.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace b2m {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Accepts TCP and never says a word.
class SilentServer {
 public:
  SilentServer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    void* const raw = &address;
    if (bind(fd_, static_cast<sockaddr*>(raw), size) != 0 || listen(fd_, 8) != 0 ||
        getsockname(fd_, static_cast<sockaddr*>(raw), &size) != 0)
      throw std::runtime_error("no listening socket");
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(fd_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Closes the next connection after it has said something; false while there is none.
  bool close_next() const {
    pollfd waiting{fd_, POLLIN, 0};
    if (poll(&waiting, 1, 0) != 1) return false;
    const int client = accept(fd_, nullptr, nullptr);
    std::array<char, 1024> bytes{};  // all of CONNECT: closing with something unread would be a reset
    const bool spoken = read(client, bytes.data(), bytes.size()) > 0;
    close(client);
    return spoken;
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

inline std::uint16_t free_port() { return SilentServer().port(); }

/// Runs a program and ends it by its own pid.
class Process {
 public:
  explicit Process(std::vector<std::string> arguments, const std::string& output = "/dev/null") {
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ > 0) return;
    // In the child only what is safe after fork() in a program with threads. It ends with the test, also when that
    // crashes.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int fd = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  ~Process() { end(SIGTERM); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  void end(int signal) {
    if (pid_ <= 0) return;
    kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

class Broker {
 public:
  explicit Broker(const std::string& extra = "allow_anonymous true\n", std::uint16_t port = free_port()) : port_(port) {
    char name[] = "/tmp/b2m-broker-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no directory");
    folder_ = name;
    std::ofstream(folder_ + "/conf") << "listener " << port << " 127.0.0.1\nuser root\npersistence false\n" << extra;
    start();
  }
  ~Broker() {
    stop();
    std::filesystem::remove_all(folder_);
  }
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  void start() {
    process_ =
        std::make_unique<Process>(std::vector<std::string>{"mosquitto", "-c", folder_ + "/conf"}, folder_ + "/log");
    for (int i = 0; i < 500; ++i) {
      if (answers()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("mosquitto does not listen");
  }
  void stop() { process_.reset(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  [[nodiscard]] bool answers() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(port_);
    void* const raw = &address;
    const bool connected = connect(fd, static_cast<sockaddr*>(raw), sizeof address) == 0;
    close(fd);
    return connected;
  }

  std::uint16_t port_;
  std::string folder_;
  std::unique_ptr<Process> process_;
};

}  // namespace b2m
