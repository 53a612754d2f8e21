// Figures as the tables and the log have them.

export function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(2);
}

export function mebibytes(bytes) {
  return (bytes / 1024 / 1024).toFixed(1);
}
