// SPDX-License-Identifier: BSD-3-Clause
// A program with nothing of its own: links a whole folder with what that may use. See meson.build.
int main(void)
{
	return 0;
}
