"""The warm index behind the search box: syllables packed in arrays, points in an R-tree."""
