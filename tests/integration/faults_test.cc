// System calls that fail while a runtime is built: every call of each kind, one after the other.

#include <cerrno>
#include <string_view>
#include <sys/eventfd.h>
#include <system_error>

#include <gtest/gtest.h>
#include <tests/support/process_usage.h>
#include <tests/support/runtimes.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/runtime.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::Kind;
using test_support::ProcessUsage;

// Lets calls through until it is their turn to fail.
struct FaultyTable : sys::Table {
  int calls_until_fault = 0;

  static bool is_turn() {
    // SAFETY(cast): only FaultyTables have entries that ask this.
    auto* const table = const_cast<FaultyTable*>(static_cast<const FaultyTable*>(sys::table()));
    return table->calls_until_fault-- == 0;
  }
};

int failed(int error) {
  errno = error;
  return -1;
}

struct Fault {
  std::string_view call;
  void (*install)(FaultyTable& table);
  std::errc expected;
};

const Fault kFaults[] = {
    {"epoll_create1",
     [](FaultyTable& table) {
       table.epoll_create1 = [](int flags) {
         return FaultyTable::is_turn() ? failed(EMFILE) : ::epoll_create1(flags);
       };
     },
     std::errc::too_many_files_open},
    {"eventfd",
     [](FaultyTable& table) {
       table.eventfd = [](unsigned initial, int flags) {
         return FaultyTable::is_turn() ? failed(ENFILE) : ::eventfd(initial, flags);
       };
     },
     std::errc::too_many_files_open_in_system},
    {"epoll_ctl",
     [](FaultyTable& table) {
       table.epoll_ctl = [](int epoll, int operation, int fd, ::epoll_event* event) {
         return FaultyTable::is_turn() ? failed(ENOMEM) : ::epoll_ctl(epoll, operation, fd, event);
       };
     },
     std::errc::not_enough_memory},
    {"pthread_create",
     [](FaultyTable& table) {
       table.pthread_create = [](::pthread_t* thread, const ::pthread_attr_t* attributes,
                                 void* (*start)(void*), void* argument) {
         return FaultyTable::is_turn() ? EAGAIN
                                       : ::pthread_create(thread, attributes, start, argument);
       };
     },
     std::errc::resource_unavailable_try_again},
};

// Builds with the n-th call failing, for all n, until there are not so many calls.
void build_with_each_call_failing(Kind kind, const Fault& fault) {
  SCOPED_TRACE(fault.call);
  SCOPED_TRACE(name_of(kind));
  constexpr int kMostCalls = 50;
  for (int n = 0; n < kMostCalls; ++n) {
    FaultyTable table;
    fault.install(table);
    table.calls_until_fault = n;
    const sys::TableScope scope(table);
    const Result<Runtime> rt = test_support::builder_of(kind).build();
    if (table.calls_until_fault >= 0) {
      EXPECT_TRUE(rt) << "no call has failed";
      return;
    }
    ASSERT_FALSE(rt) << "call " << n << " has failed";
    EXPECT_EQ(rt.error(), fault.expected);
  }
  FAIL() << "more calls than there can be";
}

TEST(TE44, BuildingARuntimeReportsWhicheverCallFailsAndLeaksNothing) {
  for (const Kind kind : test_support::kKinds) {
    const Runtime warm = test_support::make_runtime(kind);
  }
  const ProcessUsage before = ProcessUsage::now();
  for (const Kind kind : test_support::kKinds) {
    for (const Fault& fault : kFaults) build_with_each_call_failing(kind, fault);
  }
  EXPECT_EQ(ProcessUsage::now(), before);
}

}  // namespace
}  // namespace weft
