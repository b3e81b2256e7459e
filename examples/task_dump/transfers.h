// Two accounts and a mistake: each transfer locks the account it takes from and then the one it
// gives to, so two in opposite directions wait for each other.

#ifndef EXAMPLES_TASK_DUMP_TRANSFERS_H_
#define EXAMPLES_TASK_DUMP_TRANSFERS_H_

#include <weft/weft.h>

struct Account {
  weft::sync::Mutex<int> balance;
};

inline weft::Task<> transfer(Account& from, Account& to, int amount, weft::sync::Barrier& begun) {
  auto taken = co_await from.balance.lock();
  co_await begun.wait();
  auto given = co_await to.balance.lock();
  *taken -= amount;
  *given += amount;
}

#endif  // EXAMPLES_TASK_DUMP_TRANSFERS_H_
