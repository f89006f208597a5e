#ifndef C_FOREIGN_CALLS_H
#define C_FOREIGN_CALLS_H

#include <stddef.h>
#include <stdint.h>

/// A child process and our ends of what connects us with it.
struct softmax_audit_process {
  int pid;
  /// A socket: what is written here is the child's standard input.
  int commands;
  /// A pipe: the child's standard output.
  int answers;
  /// A pipe: the child's standard error.
  int words;
};

/// Starts a program, looked for on the path, in a process group of its own.
///
/// Returns 0, or the number of the error.
int softmax_audit_spawn(
  char *const arguments[], char *const environment[], struct softmax_audit_process *process);

/// Writes all bytes to a socket without SIGPIPE where nobody reads; returns 0 or the number of the error.
int softmax_audit_send(int socket, const void *bytes, size_t count);

/// Reserves room on the disk for a file of so many bytes, so that writing to a mapping of it cannot fail; 0 or the
/// number of the error.
int softmax_audit_reserve(int file, size_t size);

/// Ends this process as soon as the other end of a socket or pipe is closed, whatever its threads are doing.
void softmax_audit_end_with(int file);

/// The bits that control floating-point arithmetic of this thread: rounding, flush-to-zero, masks; no exception flags.
uint64_t softmax_audit_environment(void);

/// What a thread begins with: round to nearest, subnormal numbers kept, no traps.
uint64_t softmax_audit_default_environment(void);

/// Puts control bits in force and clears the exception flags.
void softmax_audit_set_environment(uint64_t environment);

/// Whether control bits turn results below the normal range into zero.
int softmax_audit_flushes_to_zero(uint64_t environment);

/// Whether control bits take operands below the normal range for zero.
int softmax_audit_flushes_operands(uint64_t environment);

/// The rounding of control bits: 0 to nearest, 1 down, 2 up, 3 toward zero.
int softmax_audit_rounding(uint64_t environment);

/// The vector instructions of this processor that softmax kernels choose by, separated by spaces.
const char *softmax_audit_processor_features(void);

/// Lets a fault say on standard error where in relation to these buffers it struck, before it ends the process.
void softmax_audit_explain_faults(void);

/// The buffers of the call that follows.
void softmax_audit_watch(
  const void *input, size_t input_size, const void *output, size_t output_size);

#endif
