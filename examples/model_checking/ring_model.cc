#include <examples/model_checking/ring.h>
#include <examples/model_checking/ring_scenario.h>
#include <weft/loom/model.h>

int main() { weft::loom::model(values_arrive_in_order<Ring<int, 2>>, {.name = "ring"}); }
