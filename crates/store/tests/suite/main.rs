//! The store from outside. What every backend must do is in `conformance` and `editions`, as
//! functions of a location where there is nothing yet; what only one does is in a file of its own.

#[cfg(test)]
mod both;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod copying;
#[cfg(test)]
mod crossing;
#[cfg(test)]
mod editions;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod make;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod shards;
#[cfg(test)]
mod sqlite;
