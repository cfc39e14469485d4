// Package breached owns the answer to one question: is a password common, or known from breaches, so that it would be
// among the first that somebody guesses? It answers from a filter that is built into the program, so that no password
// and no part of one leaves it. It has no rule about length or characters and does not know who may choose what; the
// domain, which gets Known as a function, does.
//
// The filter knows common passwords and rare ones: those that were seen in some breach, but too seldom for anybody to
// try them with variations. A password is refused if it is one of either, or a common one in a simple disguise:
//
//  1. Letter case and the way an accented letter is typed make no difference.
//  2. Digits and signs are also read as the letters they look like: 0 as o, 1 as i or as l, 3 as e, 4 and @ as a,
//     5 and $ as s, 7 as t.
//  3. A tail of one to four characters that are no letters is cut off, or of up to six if it contains a year from 1900
//     to 2099. What is left counts if it is common and has at least six characters, or is a common word of four or
//     five letters.
//
// So "Password1!", "P@ssw0rd" and "Summer2026!" are refused. Whatever has other letters before or behind the common
// word, or a longer tail, is not: "Walter1Softy" and "Correct-horse-9-battery" can be chosen.
package breached
