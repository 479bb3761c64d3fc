//! A QR code for a screen, as SVG.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

use crate::PrintError;

/// The quiet zone on every side, in modules (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// The QR code of a text with error correction level M, as SVG without a size of its own: dark on white, whatever stands
/// behind it.
///
/// # Errors
/// [`PrintError::QrTooLong`].
pub fn qr_svg(payload: &str) -> Result<String, PrintError> {
    let qr = QrCode::with_error_correction_level(payload, EcLevel::M).map_err(|_| PrintError::QrTooLong)?;
    let side = qr.width() + 2 * QUIET;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\""
    );
    for (row, line) in qr.to_colors().chunks(qr.width().max(1)).enumerate() {
        let mut column = QUIET;
        for same in line.chunk_by(|a, b| a == b) {
            if same.first() == Some(&Color::Dark) {
                let (y, width) = (row + QUIET, same.len());
                write!(svg, "M{column} {y}h{width}v1h-{width}z").map_err(|_| PrintError::QrTooLong)?;
            }
            column += same.len();
        }
    }
    svg.push_str("\"/></svg>");
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once() {
        let text = "https://n.example/shl#shlink:/eyJ1cmwiOiJodHRwczovL24uZXhhbXBsZSJ9";
        let svg = qr_svg(text).unwrap();
        let dark = QrCode::with_error_correction_level(text, EcLevel::M).unwrap().to_colors();
        let dark = dark.into_iter().filter(|color| *color == Color::Dark).count();
        let drawn = svg.split("d=\"").nth(2).unwrap().split('M').skip(1);
        let drawn: usize = drawn.map(|part| part.split(['h', 'v']).nth(1).unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(drawn, dark);
        assert!(svg.ends_with("</svg>") && !svg.contains(text));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        assert_eq!(qr_svg(&"x".repeat(3_000)), Err(PrintError::QrTooLong));
    }
}
