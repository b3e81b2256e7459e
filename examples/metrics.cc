// metrics: a server that tells Prometheus how its runtime and its requests are doing.
//
//   $ metrics --port 9464 &
//   $ curl http://127.0.0.1:9464/work
//   done
//   $ curl http://127.0.0.1:9464/metrics
//   # HELP weft_runtime_workers Workers of the runtime.
//   # TYPE weft_runtime_workers gauge
//   weft_runtime_workers{service="example",runtime="example"} 4
//   ...
//
// What is asked for costs nothing until somebody asks: the counters are there anyway, and the text
// is made of them for each request. The guide is docs/guide/metrics.md.

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <examples/support/arguments.h>
#include <examples/support/http_request.h>
#include <examples/support/tcp_server.h>
#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;
namespace runtime = weft::runtime;

// What all connections share.
struct Server {
  runtime::TaskMonitor work;
};

std::string answer_with(std::string_view status, std::string_view type, std::string_view body) {
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\nContent-Type: ";
  text += type;
  text += "\r\nContent-Length: " + std::to_string(body.size());
  text += "\r\nConnection: close\r\n\r\n";
  text += body;
  return text;
}

std::string metrics_page(const Server& server) {
  const runtime::PrometheusLabels labels = {{"service", "example"}};
  std::string page = runtime::prometheus_text(runtime::Handle::current().metrics(), labels);
  page += runtime::prometheus_text({{"work", server.work.cumulative()}}, labels);
  return answer_with("200 OK", runtime::kPrometheusContentType, page);
}

// Waits a little, and computes a little.
weft::Task<std::string> work() {
  co_await weft::time::sleep(5ms);
  unsigned sum = 0;
  for (unsigned i = 0; i < 100'000; ++i) {
    sum = sum * 31 + i;
    if (i % 1000 == 0) co_await weft::consume_budget();
  }
  co_return answer_with("200 OK", "text/plain", sum != 1 ? "done\n" : "done, and lucky\n");
}

weft::Task<std::string> answer(const http::Request& request, const Server& server) {
  if (request.method != "GET") co_return answer_with("405 Method Not Allowed", "text/plain", "");
  if (request.target == "/metrics") co_return metrics_page(server);
  if (request.target != "/work") co_return answer_with("404 Not Found", "text/plain", "");
  const auto joined = co_await weft::spawn(server.work.instrument(work()));
  co_return joined.value();
}

// One request and its answer.
weft::Task<> serve(weft::net::TcpStream stream, std::shared_ptr<const Server> server) {
  std::string received;
  std::array<char, 4096> bytes;
  for (;;) {
    const auto count = co_await stream.read(bytes);
    if (!count || *count == 0) co_return;
    received.append(bytes.data(), *count);
    const http::Parsed parsed = http::parse_request(received);
    if (parsed.state == http::Parsed::State::kIncomplete) continue;
    if (parsed.state == http::Parsed::State::kMalformed) co_return;
    const std::string text = co_await answer(parsed.request, *server);
    [[maybe_unused]] const auto written = co_await stream.write_all(text);
    [[maybe_unused]] const auto ended = co_await stream.shutdown();
    co_return;
  }
}

runtime::Builder measured_runtime() {
  return runtime::Builder::new_multi_thread()
      .enable_all()
      .name("example")
      .metrics_poll_time_histogram(runtime::HistogramConfiguration::linear(50us, 20))
      .metrics_schedule_latency_histogram(runtime::HistogramConfiguration::log(
          runtime::LogHistogram::builder().min_value(1us).max_value(1s).max_error(0.5).build()));
}

}  // namespace

WEFT_MAIN_RUNTIME(measured_runtime())

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc, argv, {"--port"});
  if (!arguments.usable()) co_return 2;
  const auto server = std::make_shared<const Server>();
  const auto connection = [server](weft::net::TcpStream stream) {
    return serve(std::move(stream), server);
  };
  co_return co_await examples::run_tcp_server("metrics", arguments.number("--port", 9464),
                                              connection);
}
