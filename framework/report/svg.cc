// Elements with as few digits as one can see.
#include "report/svg.h"

#include <cmath>

#include "report/axis.h"

namespace finwait::report {
namespace {

// To a tenth of a pixel.
std::string Pixels(double number) {
  return NumberText(std::round(number * 10) / 10, 7);
}

std::string Attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

std::string Points(const std::vector<SvgPoint>& points) {
  std::string text;
  for (const SvgPoint& point : points) {
    text += (text.empty() ? "" : " ") + Pixels(point.x) + "," + Pixels(point.y);
  }
  return Attribute("points", text);
}

}  // namespace

std::string XmlText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
  return out;
}

void Svg::Line(SvgPoint from, SvgPoint to, std::string_view look) {
  body_ += "<line" + Attribute("class", look) +
           Attribute("x1", Pixels(from.x)) + Attribute("y1", Pixels(from.y)) +
           Attribute("x2", Pixels(to.x)) + Attribute("y2", Pixels(to.y)) +
           "/>\n";
}

void Svg::Path(const std::vector<SvgPoint>& points, std::string_view look) {
  body_ += "<polyline" + Attribute("class", look) + Points(points) + "/>\n";
}

void Svg::Area(const std::vector<SvgPoint>& points, std::string_view look) {
  body_ += "<polygon" + Attribute("class", look) + Points(points) + "/>\n";
}

void Svg::Circle(SvgPoint centre, double radius, std::string_view look) {
  body_ += "<circle" + Attribute("class", look) +
           Attribute("cx", Pixels(centre.x)) +
           Attribute("cy", Pixels(centre.y)) + Attribute("r", Pixels(radius)) +
           "/>\n";
}

void Svg::Rectangle(SvgPoint corner, SvgPoint size, std::string_view look) {
  body_ += "<rect" + Attribute("class", look) +
           Attribute("x", Pixels(corner.x)) + Attribute("y", Pixels(corner.y)) +
           Attribute("width", Pixels(size.x)) +
           Attribute("height", Pixels(size.y)) + Attribute("rx", "6") + "/>\n";
}

void Svg::Text(SvgPoint at, Anchor anchor, std::string_view text,
               std::string_view look) {
  constexpr std::string_view kAnchors[] = {"start", "middle", "end"};
  body_ += "<text" + Attribute("class", look) + Attribute("x", Pixels(at.x)) +
           Attribute("y", Pixels(at.y)) +
           Attribute("text-anchor", kAnchors[static_cast<int>(anchor)]) + ">" +
           XmlText(text) + "</text>\n";
}

std::string Svg::Document(SvgPoint size, const std::string& title,
                          const std::string& description,
                          const std::string& style) const {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         Attribute("viewBox", "0 0 " + Pixels(size.x) + " " + Pixels(size.y)) +
         Attribute("width", Pixels(size.x)) +
         Attribute("height", Pixels(size.y)) + Attribute("role", "img") +
         Attribute("aria-labelledby", "title description") +
         ">\n<title id=\"title\">" + XmlText(title) +
         "</title>\n<desc id=\"description\">" + XmlText(description) +
         "</desc>\n<style>\n" + style + "</style>\n" + body_ + "</svg>\n";
}

}  // namespace finwait::report
