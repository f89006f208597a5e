#ifndef C_FOREIGN_CALLS_H
#define C_FOREIGN_CALLS_H

#include <stddef.h>
#include <stdint.h>

// The structures that plug-ins get are declared once, where their authors read them.
#include "../../ExternalImplementations/Plugins/softmax_audit.h"

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

/// Writes as many bytes to a socket as it takes at once, without SIGPIPE where nobody reads.
///
/// Returns how many were written, 0 where none can be now, -1 where none ever can.
long softmax_audit_send(int socket, const void *bytes, size_t count);

/// A file in memory that has no name and is closed on exec; -1 where the system has no such thing.
int softmax_audit_memory_file(void);

/// Makes this process the parent of orphans below it; 0 or the number of the error.
int softmax_audit_adopt_orphans(void);

/// Reserves room on the disk for a file of so many bytes, so that writing to a mapping of it cannot
/// fail; 0 or the number of the error.
int softmax_audit_reserve(int file, size_t size);

/// Ends this process, and its group where it leads one, as soon as the other end of a socket or
/// pipe is closed, whatever its threads are doing.
void softmax_audit_end_with(int file);

/// Says that code from outside is called in this process from now on: if it ends the process, that
/// is told on standard error and the exit status is 70, whatever it asked for.
void softmax_audit_begin_foreign_call(void);

/// Says that the call is over, and puts the locale back that this process began with.
void softmax_audit_end_foreign_call(void);

/// Goes on in a child of this process, whose end this process waits for and passes on.
///
/// Code from outside that is called in this process may end it without running handlers. The child
/// reports an end of its own making, so that any other ends with a message and status 70. Returns
/// in the child, 0; in this process only where there can be no child, with the number of the error.
/// To be called before there are threads.
int softmax_audit_supervise(void);

/// Keeps SIGINT and SIGTERM, unless they are ignored, for softmax_audit_await_interruption.
///
/// Programs that are started later are not affected. Returns 0, or the number of the error.
int softmax_audit_catch_interruptions(void);

/// Waits for a signal that is kept and returns its number; -1 where none can come.
int softmax_audit_await_interruption(void);

/// Ends this process as a signal does that nobody handles.
void softmax_audit_end_by(int number);

/// The number of arguments that the program was started with, its own name included; 0 where the
/// system does not say.
int softmax_audit_argument_count(void);

/// The argument at an index below the count.
const char *softmax_audit_argument(int index);

/// The bits that control floating-point arithmetic of this thread: rounding, flush-to-zero, masks;
/// no exception flags.
uint64_t softmax_audit_environment(void);

/// The environment that a thread begins with: round to nearest, subnormal numbers kept, no traps.
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

/// Lets a fault say on standard error where in relation to these buffers it struck, before it ends
/// the process.
void softmax_audit_explain_faults(void);

/// The buffers of the call that follows.
void softmax_audit_watch(
  const void *input, size_t input_size, const void *output, size_t output_size);

#endif
