// Rooms that are still too big: the most decisions of a function, the most lines of the file. Only ever shrink or remove an entry.
export const debts = {
}
