package keyfile_test

// A key file and what it has sealed, under the label and with the secret of these tests. Made with another
// implementation of AES-GCM, after doc.go.
const (
	firstVersionLine   = "fc81eac51acd4c36 AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n"
	firstVersionFile   = "# the key is 1, 2, 3 … 32\n" + firstVersionLine
	firstVersionSealed = "01fc81eac51acd4c36" + "7477656c7665206279746573" +
		"365942039d77826edb7cc2669480ea57f609efb7eec30f2d390821919186bdff"
)
