// Arguments: the numbers on an example's command line.
//
//   const Arguments arguments(argc, argv, {"--port"});
//   if (!arguments.usable()) co_return 2;              // has said what is wrong
//   const unsigned port = arguments.number("--port", 7000);

#ifndef WEFT_EXAMPLES_SUPPORT_ARGUMENTS_H_
#define WEFT_EXAMPLES_SUPPORT_ARGUMENTS_H_

#include <initializer_list>
#include <map>
#include <string_view>

namespace examples {

// `--name N` and `--name=N`, for the names that the program knows.
class Arguments {
 public:
  Arguments(int argc, char** argv, std::initializer_list<std::string_view> known);

  // False if there was something else; then the reason has been printed.
  bool usable() const { return usable_; }
  // What was given for `name`, or `otherwise`.
  unsigned number(std::string_view name, unsigned otherwise) const;

 private:
  void refuse(std::string_view argument, std::initializer_list<std::string_view> known);

  std::map<std::string_view, unsigned> numbers_;
  bool usable_ = true;
};

}  // namespace examples

#endif  // WEFT_EXAMPLES_SUPPORT_ARGUMENTS_H_
