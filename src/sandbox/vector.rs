//! Embeddings.

/// Dimensions of a vector of which nobody said how many it should have.
const DIMENSIONS: u64 = 8;
const MOST_DIMENSIONS: u64 = 4096;

/// A vector that depends on the text alone; its numbers are exact in 32 and in 64 bits.
pub(super) fn of(text: &str, dimensions: Option<u64>) -> Vec<f32> {
    let dimensions = dimensions.unwrap_or(DIMENSIONS).min(MOST_DIMENSIONS);
    (0..dimensions)
        .map(|dimension| {
            let [byte, ..] = crc32fast::hash(format!("{dimension} {text}").as_bytes()).to_le_bytes();
            f32::from(byte) / 256.0
        })
        .collect()
}
