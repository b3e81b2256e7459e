#include <examples/model_checking/first_ring.h>
#include <examples/model_checking/ring_scenario.h>
#include <weft/loom/model.h>

int main() { weft::loom::model(values_arrive_in_order<FirstRing<int, 2>>, {.name = "first_ring"}); }
