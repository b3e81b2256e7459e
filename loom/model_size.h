// model_size: constants that are smaller under the model checker.
//
// Spec: TE-30.
//
// Design. A queue of 256 slots never fills up in a model that can be explored to the end, so its
// behaviour when full would stay unseen. Where a constant decides how much has to happen before the
// rare case arises, it is written with both values, side by side:
//
//   constexpr std::uint32_t kCapacity = loom::model_size(256, 4);

#ifndef WEFT_LOOM_MODEL_SIZE_H_
#define WEFT_LOOM_MODEL_SIZE_H_

namespace weft::loom {

// `normal`, or `in_model` in a build under the checker (WEFT_LOOM).
template <class T>
constexpr T model_size([[maybe_unused]] T normal, [[maybe_unused]] T in_model) noexcept {
#ifdef WEFT_LOOM
  return in_model;
#else
  return normal;
#endif
}

}  // namespace weft::loom

#endif  // WEFT_LOOM_MODEL_SIZE_H_
