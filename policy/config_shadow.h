/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Warnings about rules that no packet will ever come to: config_check()'s part that looks
 * at what rules match (policy/rule_covers.h).  Called by config_check.c alone.
 */
#ifndef DUALPATH_POLICY_CONFIG_SHADOW_H
#define DUALPATH_POLICY_CONFIG_SHADOW_H

#include "policy/config.h"

void config_check_shadows(const struct config *config, struct diag_list *diags);

#endif
