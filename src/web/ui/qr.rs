//! QR codes, as paths that a page draws itself.

use app::contract::QrView;
use qrcode::{Color, QrCode};
use std::fmt::Write as _;

/// ISO 18004 asks for four light squares around the code.
const QUIET: usize = 4;

/// The code of a text; `None` for one that is too long for any.
pub(super) fn qr(text: &str) -> Option<QrView> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (row, squares) in colors.chunks(width).enumerate() {
        for (column, square) in squares.iter().enumerate() {
            if *square == Color::Dark {
                // Writing to a text does not fail.
                let _ = write!(path, "M{} {}h1v1h-1z", column + QUIET, row + QUIET);
            }
        }
    }
    Some(QrView {
        side: u32::try_from(width + 2 * QUIET).ok()?,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_are_where_scanners_look_for_them() {
        let code = qr("otpauth://totp/Latchkey:ada%40example.com?secret=GEZDGNBVGY3TQOJQ").unwrap();
        let last = code.side - 5;
        for corner in [
            "M4 4h1v1h-1z".to_owned(),
            format!("M{last} 4h1v1h-1z"),
            format!("M4 {last}h1v1h-1z"),
        ] {
            assert!(code.path.contains(&corner), "{corner}");
        }
        assert!(
            !code.path.contains("M3 ") && !code.path.contains(" 3h"),
            "the border stays light"
        );
    }

    #[test]
    fn no_code_holds_a_whole_book() {
        assert!(qr(&"a".repeat(5_000)).is_none());
    }
}
