//! As much of SVG as the plots need. Colours follow the reader's light or dark mode.

use std::fmt::Write as _;

/// A picture under construction, in units of one pixel.
pub struct Picture {
    width: f64,
    height: f64,
    body: String,
}

/// Where a text begins, is centred, or ends.
#[derive(Clone, Copy)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// The classes that elements may have: their colours in both modes.
const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#24292f}\
.title{font-size:15px;font-weight:600}\
.soft{fill:#57606a}\
.strong{font-weight:600}\
.grid{stroke:#d0d7de;stroke-width:1}\
.a{fill:#0969da;stroke:#0969da}.b{fill:#8c959f;stroke:#8c959f}\
.c{fill:#bc4c00;stroke:#bc4c00}.d{fill:#1a7f37;stroke:#1a7f37}\
rect{stroke:none!important}polyline{fill:none!important;stroke-width:2}\
@media(prefers-color-scheme:dark){\
text{fill:#e6edf3}.soft{fill:#9198a1}.grid{stroke:#3d444d}\
.a{fill:#4493f8;stroke:#4493f8}.b{fill:#7d8590;stroke:#7d8590}\
.c{fill:#f0883e;stroke:#f0883e}.d{fill:#3fb950;stroke:#3fb950}}";

impl Picture {
    /// An empty picture with a title above.
    pub fn new(width: f64, height: f64, title: &str) -> Self {
        let mut picture = Self {
            width,
            height,
            body: String::new(),
        };
        picture.text(16.0, 24.0, Anchor::Start, "title", title);
        picture
    }

    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.push(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{}</text>",
            escaped(text)
        ));
    }

    pub fn bar(&mut self, x: f64, y: f64, width: f64, height: f64, class: &str) {
        self.push(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"1.5\" class=\"{class}\"/>"
        ));
    }

    pub fn line(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], class: &str) {
        self.push(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" class=\"{class}\"/>"
        ));
    }

    /// A line through these points, and a dot on each.
    pub fn path(&mut self, points: &[[f64; 2]], class: &str) {
        let places: Vec<String> = points
            .iter()
            .map(|[x, y]| format!("{x:.1},{y:.1}"))
            .collect();
        self.push(format_args!(
            "<polyline points=\"{}\" class=\"{class}\"/>",
            places.join(" ")
        ));
        for [x, y] in points {
            self.push(format_args!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" class=\"{class}\"/>"
            ));
        }
    }

    /// The text of the file.
    pub fn finish(self) -> String {
        let Self {
            width,
            height,
            body,
        } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<style>{STYLE}</style>\n{body}</svg>\n"
        )
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{element}").expect("a string takes text");
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let mut picture = Picture::new(10.0, 10.0, "a < b & c > d");
        picture.text(1.0, 2.0, Anchor::End, "soft", "</text>");
        let svg = picture.finish();
        assert!(svg.contains("a &lt; b &amp; c &gt; d"));
        assert_eq!(svg.matches("</text>").count(), 2);
    }
}
