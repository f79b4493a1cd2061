// Plain structs as JSON values, by lists of their members. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace finwait::report {

// Specialize it with `static constexpr std::tuple list{&T::a, &T::b}`: the
// members that ToFields and FromFields carry over, in this order; and derive
// from LeavingOut<N> if N others are not.
template <typename T>
struct Fields;

template <std::size_t N = 0>
struct LeavingOut {
  static constexpr std::size_t left_out = N;
};

namespace fields {

using Json = nlohmann::json;

template <typename T>
concept Struct = requires {
  Fields<T>::list;
};
template <typename T>
concept Scalar = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;

// Stands for a value of any type, to count the members of a struct.
struct Anything {
  template <typename T>
  operator T() const;  // NOLINT(google-explicit-constructor)
};

// How many members an aggregate has.
template <typename T, typename... Initial>
constexpr std::size_t MemberCount() {
  if constexpr (requires { T{Initial{}..., Anything{}}; }) {
    return MemberCount<T, Initial..., Anything>();
  } else {
    return sizeof...(Initial);
  }
}

// One way and back for each kind of type; FromFields throws Json::exception.
template <typename T>
struct Codec;

}  // namespace fields

// A struct is an array of its members, so that nothing but values is kept.
template <typename T>
nlohmann::json ToFields(const T& value) {
  return fields::Codec<T>::To(value);
}

template <typename T>
T FromFields(const nlohmann::json& json) {
  return fields::Codec<T>::From(json);
}

namespace fields {

template <Scalar T>
struct Codec<T> {
  static Json To(const T& value) { return value; }
  static T From(const Json& json) { return json.get<T>(); }
};

template <typename T>
requires std::is_enum_v<T>
struct Codec<T> {
  using Number = std::underlying_type_t<T>;
  static Json To(T value) { return static_cast<Number>(value); }
  static T From(const Json& json) { return static_cast<T>(json.get<Number>()); }
};

template <>
struct Codec<std::filesystem::path> {
  static Json To(const std::filesystem::path& path) { return path.string(); }
  static std::filesystem::path From(const Json& json) {
    return json.get<std::string>();
  }
};

template <typename Rep, typename Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  using Span = std::chrono::duration<Rep, Period>;
  static Json To(Span span) { return span.count(); }
  static Span From(const Json& json) { return Span(json.get<Rep>()); }
};

template <typename Clock, typename Span>
struct Codec<std::chrono::time_point<Clock, Span>> {
  using Moment = std::chrono::time_point<Clock, Span>;
  static Json To(Moment moment) { return ToFields(moment.time_since_epoch()); }
  static Moment From(const Json& json) {
    return Moment(FromFields<Span>(json));
  }
};

template <typename T>
struct Codec<std::optional<T>> {
  static Json To(const std::optional<T>& value) {
    return value ? ToFields(*value) : Json();
  }
  static std::optional<T> From(const Json& json) {
    if (json.is_null()) return std::nullopt;
    return FromFields<T>(json);
  }
};

template <typename A, typename B>
struct Codec<std::pair<A, B>> {
  static Json To(const std::pair<A, B>& pair) {
    return Json::array({ToFields(pair.first), ToFields(pair.second)});
  }
  static std::pair<A, B> From(const Json& json) {
    return {FromFields<A>(json.at(0)), FromFields<B>(json.at(1))};
  }
};

template <typename T>
struct Codec<std::vector<T>> {
  static Json To(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(ToFields(value));
    return array;
  }
  static std::vector<T> From(const Json& json) {
    std::vector<T> values;
    values.reserve(json.size());
    for (const Json& value : json.get_ref<const Json::array_t&>()) {
      values.push_back(FromFields<T>(value));
    }
    return values;
  }
};

template <>
struct Codec<std::vector<std::uint8_t>> {
  static Json To(const std::vector<std::uint8_t>& bytes) {
    return Json::binary(bytes);
  }
  static std::vector<std::uint8_t> From(const Json& json) {
    return json.get_binary();
  }
};

template <typename T, std::size_t N>
struct Codec<std::array<T, N>> {
  static Json To(const std::array<T, N>& values) { return values; }
  static std::array<T, N> From(const Json& json) {
    return json.get<std::array<T, N>>();
  }
};

template <typename K, typename V>
struct Codec<std::map<K, V>> {
  static Json To(const std::map<K, V>& map) {
    Json array = Json::array();
    for (const std::pair<K, V> entry : map) array.push_back(ToFields(entry));
    return array;
  }
  static std::map<K, V> From(const Json& json) {
    std::map<K, V> map;
    for (const Json& entry : json.get_ref<const Json::array_t&>()) {
      map.insert(FromFields<std::pair<K, V>>(entry));
    }
    return map;
  }
};

template <Struct T>
struct Codec<T> {
  using List = std::remove_cvref_t<decltype(Fields<T>::list)>;
  static_assert(std::tuple_size_v<List> + Fields<T>::left_out ==
                    MemberCount<T>(),
                "a member is missing in the list");

  static Json To(const T& value) {
    Json array = Json::array();
    std::apply(
        [&](auto... member) {
          (array.push_back(ToFields(value.*member)), ...);
        },
        Fields<T>::list);
    return array;
  }
  static T From(const Json& json) {
    T value{};
    std::size_t n = 0;
    auto take = [&](auto& member) {
      member = FromFields<std::decay_t<decltype(member)>>(json.at(n++));
    };
    std::apply([&](auto... member) { (take(value.*member), ...); },
               Fields<T>::list);
    return value;
  }
};

}  // namespace fields
}  // namespace finwait::report
