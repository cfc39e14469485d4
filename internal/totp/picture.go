package totp

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

const (
	// level lets a reader do without 15 % of the code. It is read off a screen, where only reflections are in the way.
	level = qr.M
	// quiet is the white margin that readers need, in modules (ISO/IEC 18004). The page around may be dark.
	quiet = 4
	// scale is the width of a module in pixels. A usual address makes a picture some 230 pixels wide.
	scale = 4
)

// picture returns the text as a QR code in a PNG of two colours, as a data URI.
func picture(text string) (string, error) {
	code, err := qr.Encode(text, level, qr.Unicode) // byte mode, whatever the text
	if err != nil {
		return "", fmt.Errorf("totp: draw %d bytes as a QR code: %w", len(text), err)
	}
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&file, enlarged(code)); err != nil {
		return "", fmt.Errorf("totp: write a PNG: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes()), nil
}

// enlarged has one bit a pixel, which PNG writes as such.
func enlarged(code barcode.Barcode) image.Image {
	modules := code.Bounds().Dx()
	side := (modules + 2*quiet) * scale
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range modules * scale {
		for x := range modules * scale {
			if code.At(x/scale, y/scale) == color.Black {
				img.SetColorIndex(x+quiet*scale, y+quiet*scale, 1)
			}
		}
	}
	return img
}
