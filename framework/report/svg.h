// Writes Scalable Vector Graphics, element by element.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace finwait::report {

struct SvgPoint {
  double x = 0;
  double y = 0;
};

// The elements of one picture. Looks come from classes, which Document()'s
// style sheet defines; text is escaped here and nowhere else.
class Svg {
 public:
  enum class Anchor { kStart, kMiddle, kEnd };

  void Line(SvgPoint from, SvgPoint to, std::string_view look);
  void Path(const std::vector<SvgPoint>& points, std::string_view look);
  void Area(const std::vector<SvgPoint>& points, std::string_view look);
  void Circle(SvgPoint centre, double radius, std::string_view look);
  void Rectangle(SvgPoint corner, SvgPoint size, std::string_view look);
  void Text(SvgPoint at, Anchor anchor, std::string_view text,
            std::string_view look);

  void Add(const Svg& other) { body_ += other.body_; }

  // The whole file. `title` and `description` are what a screen reader says.
  std::string Document(SvgPoint size, const std::string& title,
                       const std::string& description,
                       const std::string& style) const;

 private:
  std::string body_;
};

// "&amp;" for "&" and so on; characters XML forbids become blanks.
std::string XmlText(std::string_view text);

}  // namespace finwait::report
