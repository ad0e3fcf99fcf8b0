/* The bank's window has done its part. */
window.close();
