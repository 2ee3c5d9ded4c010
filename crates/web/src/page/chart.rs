//! Charts: shapes by a crate, colours by the stylesheet, and the same numbers as a table beneath.

use maud::{Markup, PreEscaped, html};
use plotters::prelude::*;

/// Width and height in points.
const SIZE: (u32, u32) = (460, 180);
/// Stands in the picture for the colour of the purpose, which the stylesheet puts in its place.
const MARK: RGBColor = RGBColor(0x2F, 0x6F, 0xB0);
/// Room for a label beneath the bars, in points.
const LABEL: usize = 64;

/// Bars, one for each name, with a table of the same numbers. Nothing where there is nothing to see.
pub(crate) fn bars(title: &str, caption: &str, points: &[(String, u64)]) -> Markup {
    if points.is_empty() {
        return html! {};
    }
    let picture = drawn(points).unwrap_or_default();
    html! {
        figure .chart {
            // The crate writes the picture, and escapes the names in it.
            div role="img" aria-label={ (title) ": " (caption) } { (PreEscaped(picture)) }
            figcaption { (title) ". " (caption) }
            details {
                summary { "As a table" }
                table {
                    thead { tr { th scope="col" { "When" } th scope="col" .number { "How many" } } }
                    tbody { @for (name, count) in points { tr { th scope="row" { (name) } td .number { (count) } } } }
                }
            }
        }
    }
}

type DrawError<'a> = Box<dyn std::error::Error + 'a>;

fn drawn(points: &[(String, u64)]) -> Result<String, DrawError<'static>> {
    let failed = |error: &dyn std::fmt::Display| DrawError::from(error.to_string());
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
    let most = points.iter().map(|(_, count)| *count).max().unwrap_or(0).max(4);
    let count = points.len();
    let mut chart = ChartBuilder::on(&root)
        .margin(6)
        .x_label_area_size(24)
        .y_label_area_size(44)
        .build_cartesian_2d((0..count.saturating_sub(1)).into_segmented(), 0..most)
        .map_err(|e| failed(&e))?;
    let named = |at: &SegmentValue<usize>| match at {
        SegmentValue::CenterOf(at) | SegmentValue::Exact(at) => {
            points.get(*at).map(|(name, _)| name.clone()).unwrap_or_default()
        }
        SegmentValue::Last => String::new(),
    };
    let width = usize::try_from(SIZE.0).unwrap_or(LABEL);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .x_labels(count.min(width / LABEL) + 1)
        .y_labels(4)
        .x_label_formatter(&named)
        .label_style(("sans-serif", 12))
        .draw()
        .map_err(|e| failed(&e))?;
    let bars = points.iter().enumerate().map(|(at, (_, count))| (at, *count));
    let bars = Histogram::vertical(&chart).style(MARK.filled()).margin(4).data(bars);
    chart.draw_series(bars).map_err(|e| failed(&e))?;
    root.present().map_err(|e| failed(&e))?;
    drop(chart);
    drop(root);
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_a_picture_and_a_table_and_brings_no_style_of_its_own() {
        let points: Vec<(String, u64)> =
            (1..=12).map(|month| (format!("2026-{month:02}"), month * 3)).collect();
        let chart = bars("Orders", "a month", &points).into_string();
        assert!(chart.contains("<svg") && chart.contains("2026-06"), "{chart}");
        assert!(chart.contains("#2F6FB0"), "{chart}");
        assert!(!chart.contains("style="), "{chart}");
    }

    #[test]
    fn a_name_with_markup_stays_text() {
        let chart = bars("<b>", "x", &[("<script>".to_owned(), 1)]).into_string();
        assert!(!chart.contains("<script>"), "{chart}");
    }
}
