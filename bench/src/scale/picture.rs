//! The curves as pictures.

use std::path::Path;

use plotters::prelude::*;

use crate::Outcome;
use crate::timing::count_as_f64;

/// What was measured over a number of something.
pub(super) struct Curve {
    pub(super) place: &'static str,
    pub(super) what: &'static str,
    pub(super) of: &'static str,
    pub(super) unit: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// Colours that are told apart also by whoever sees no red or green.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
];
const SIZE: (u32, u32) = (760, 400);
/// Where the names of the curves begin.
const NAMES_AT: i32 = 570;
const FONT: (&str, u32) = ("sans-serif", 12);

/// Draws a picture for each unit and each thing that is counted.
pub(super) fn draw(folder: &Path, curves: &[Curve]) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    for (of, unit, file, title) in [
        ("contacts", "µs CPU", "cpu-by-contacts.svg", "CPU time of one operation, by contacts"),
        ("contacts", "contacts/s", "import-by-contacts.svg", "Import, up to so many contacts"),
        ("contacts", "bytes a contact", "size-by-contacts.svg", "Disk for one contact"),
        ("nodes", "µs CPU", "cpu-by-nodes.svg", "CPU time of one operation, by nodes"),
    ] {
        let of_this: Vec<&Curve> =
            curves.iter().filter(|curve| curve.of == of && curve.unit == unit).collect();
        if !of_this.is_empty() {
            picture(&folder.join(file), title, &of_this)?;
        }
    }
    Ok(())
}

/// Steps stand side by side, as they grow by a factor; upwards it is the logarithm, so that the same
/// slope is the same growth for what is cheap and what is dear.
fn picture(file: &Path, title: &str, curves: &[&Curve]) -> Outcome<()> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (left, right) = area.split_horizontally(NAMES_AT);
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let least = points().map(|(_, y)| *y).fold(f64::INFINITY, f64::min) / 2.0;
    let most = points().map(|(_, y)| *y).fold(0.0, f64::max) * 2.0;
    let mut steps: Vec<f64> = points().map(|(x, _)| *x).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    let Some(example) = curves.first() else { return Ok(()) };
    let last = count_as_f64(steps.len().saturating_sub(1));
    let mut chart = ChartBuilder::on(&left)
        .caption(title, ("sans-serif", 17))
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(-0.2..last + 0.3, (least..most).log_scale())?;
    let at_step = |x: &f64| {
        steps
            .iter()
            .zip(0_u32..)
            .find_map(|(step, n)| ((f64::from(n) - x).abs() < 1e-6).then(|| rounded(*step)))
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .set_tick_mark_size(LabelAreaPosition::Bottom, 0)
        .light_line_style(WHITE)
        .x_labels(steps.len() * 10)
        .x_label_formatter(&|x| at_step(x).unwrap_or_default())
        .y_label_formatter(&|y| rounded(*y))
        .x_desc(example.of)
        .y_desc(example.unit)
        .label_style(FONT)
        .draw()?;
    for ((curve, colour), row) in curves.iter().zip(COLOURS.iter().cycle()).zip(0_i32..) {
        let placed = curve.points.iter().filter_map(|(x, y)| {
            let step = steps.iter().position(|step| step == x)?;
            Some((count_as_f64(step), *y))
        });
        let placed: Vec<(f64, f64)> = placed.collect();
        chart.draw_series(LineSeries::new(placed.iter().copied(), colour.stroke_width(2)))?;
        for point in placed {
            chart.draw_series([Circle::new(point, 4, colour.filled())])?;
            let label = Text::new(rounded(point.1), (0, -16), FONT.into_font().color(colour));
            chart.draw_series([EmptyElement::at(point) + label])?;
        }
        let y = 60 + 22 * row;
        let line = [(0, y), (20, y)];
        right.draw(&PathElement::new(line, colour.stroke_width(2)))?;
        right.draw(&Text::new(format!("{}, {}", curve.what, curve.place), (26, y), FONT))?;
    }
    area.present()?;
    Ok(())
}

/// Two or three digits that count, and a word for many noughts.
fn rounded(number: f64) -> String {
    match number {
        n if n >= 1e6 => format!("{} million", n / 1e6),
        n if n >= 1e5 => format!("{:.0} thousand", n / 1e3),
        n if n >= 1e4 => format!("{:.1} thousand", n / 1e3).replace(".0 ", " "),
        n if n >= 10.0 => format!("{n:.0}"),
        n => format!("{n:.1}").replace(".0", ""),
    }
}
