//! The curves as pictures.

use std::path::Path;

use plotters::prelude::*;

use crate::Outcome;

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

/// Draws a picture for each unit and each thing that is counted.
pub(super) fn draw(folder: &Path, curves: &[Curve]) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    for (of, unit, file, title) in [
        ("contacts", "µs CPU", "cpu-by-contacts.svg", "CPU time of one operation"),
        ("contacts", "contacts/s", "import-by-contacts.svg", "Import, by contacts that are there"),
        ("contacts", "bytes a contact", "size-by-contacts.svg", "Bytes of one contact"),
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

fn picture(file: &Path, title: &str, curves: &[&Curve]) -> Outcome<()> {
    let area = SVGBackend::new(file, (760, 440)).into_drawing_area();
    area.fill(&WHITE)?;
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let most = points().map(|(_, y)| *y).fold(0.0, f64::max) * 1.15;
    let first = points().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    let last = points().map(|(x, _)| *x).fold(0.0, f64::max);
    let Some(example) = curves.first() else { return Ok(()) };
    let mut chart = ChartBuilder::on(&area);
    chart.caption(title, ("sans-serif", 20)).margin(16);
    chart.x_label_area_size(44).y_label_area_size(64);
    let count = |x: &f64| thousands(*x);
    if example.of == "nodes" {
        let mut chart = chart.build_cartesian_2d(first..last, 0.0..most)?;
        let mut mesh = chart.configure_mesh();
        mesh.x_labels(4).x_label_formatter(&count).x_desc(example.of).y_desc(example.unit);
        mesh.light_line_style(WHITE).draw()?;
        lines!(chart, curves);
    } else {
        let mut chart = chart.build_cartesian_2d((first..last).log_scale(), 0.0..most)?;
        let mut mesh = chart.configure_mesh();
        mesh.x_labels(6).x_label_formatter(&count).x_desc(example.of).y_desc(example.unit);
        mesh.light_line_style(WHITE).draw()?;
        lines!(chart, curves);
    }
    area.present()?;
    Ok(())
}

/// Draws curves into a chart, of whatever kind its axes are.
macro_rules! lines {
    ($chart:expr, $curves:expr) => {
        for (curve, colour) in $curves.iter().zip(COLOURS.iter().cycle()) {
            let style = colour.stroke_width(2);
            $chart
                .draw_series(LineSeries::new(curve.points.iter().copied(), style))?
                .label(format!("{}, {}", curve.what, curve.place))
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
            let dots = curve.points.iter().map(|point| Circle::new(*point, 4, colour.filled()));
            $chart.draw_series(dots)?;
        }
        $chart
            .configure_series_labels()
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.3))
            .position(SeriesLabelPosition::UpperLeft)
            .draw()?;
    };
}
use lines;

fn thousands(number: f64) -> String {
    match number {
        n if n >= 1e6 => format!("{} million", n / 1e6),
        n if n >= 1e3 => format!("{} thousand", n / 1e3),
        n => format!("{n}"),
    }
}
