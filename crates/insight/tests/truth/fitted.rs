//! What can be had at best from a few columns: a logistic regression, fitted for one end on the half
//! for looking. A score that nobody fitted is compared with it.

use crate::measure::count;

const RIDGE: f64 = 1e-3;

/// The weights of the columns, the first of them a constant one.
pub(crate) struct Fitted(Vec<f64>);

impl Fitted {
    /// By Newton's steps; a little ridge keeps columns apart that say the same.
    pub(crate) fn on(rows: &[Vec<f64>], outcomes: &[bool]) -> Fitted {
        let width = rows[0].len();
        let mut fitted = Fitted(vec![0.0; width]);
        for _ in 0..8 {
            let mut slope: Vec<f64> = fitted.0.iter().map(|weight| -RIDGE * weight).collect();
            let mut curve = ridge(width);
            for (row, outcome) in rows.iter().zip(outcomes) {
                let p = 1.0 / (1.0 + (-fitted.score(row)).exp());
                let missed = count(usize::from(*outcome)) - p;
                for (a, x) in row.iter().enumerate() {
                    slope[a] += missed * x;
                    let x = p * (1.0 - p) * x;
                    curve[a].iter_mut().zip(&row[..=a]).for_each(|(sum, y)| *sum += x * y);
                }
            }
            for (a, b) in (0..width).flat_map(|a| (0..a).map(move |b| (a, b))) {
                curve[b][a] = curve[a][b];
            }
            let step = solved(curve, slope);
            fitted.0.iter_mut().zip(step).for_each(|(weight, step)| *weight += step);
        }
        fitted
    }

    pub(crate) fn score(&self, row: &[f64]) -> f64 {
        self.0.iter().zip(row).map(|(weight, x)| weight * x).sum()
    }
}

fn ridge(width: usize) -> Vec<Vec<f64>> {
    let row = |a| (0..width).map(|b| if a == b { RIDGE } else { 0.0 }).collect();
    (0..width).map(row).collect()
}

/// Gauss, for a matrix that is symmetric and positive, which needs no exchange of rows.
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    for a in 0..right.len() {
        let row = matrix[a].clone();
        for b in (0..right.len()).filter(|b| *b != a) {
            let part = matrix[b][a] / row[a];
            matrix[b].iter_mut().zip(&row).for_each(|(x, y)| *x -= part * y);
            right[b] -= part * right[a];
        }
    }
    right.iter().enumerate().map(|(a, value)| value / matrix[a][a]).collect()
}

#[test]
fn one_column_is_fitted_to_the_odds_of_its_two_groups() {
    let rows: Vec<Vec<f64>> = (0..1000).map(|n| vec![1.0, count(n % 2)]).collect();
    let outcomes: Vec<bool> =
        (0..1000).map(|n| if n % 2 == 0 { n % 8 == 0 } else { n % 4 == 1 }).collect();
    let fitted = Fitted::on(&rows, &outcomes);
    // A quarter of the even ones, half of the odd ones.
    assert!((fitted.score(&[1.0, 0.0]) - (1.0_f64 / 3.0).ln()).abs() < 1e-3);
    assert!(fitted.score(&[1.0, 1.0]).abs() < 1e-3);
}
